using Pmq.Client.Runtime;

namespace Pmq.Client.Tests.Runtime;

public sealed class MessagePumpTests
{
    private const TaskCreationOptions Async = TaskCreationOptions.RunContinuationsAsynchronously;

    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_adder_waits_while_the_queue_is_full()
    {
        var release = new TaskCompletionSource(Async);
        var first = new TaskCompletionSource(Async);
        var pump = new MessagePump(1, 4, async _ =>
        {
            first.TrySetResult();
            await release.Task;
        });

        // One is under way, four wait; whether the sixth fits depends on when the first was taken.
        await pump.AddAsync(Message(0), default);
        await first.Task.WaitAsync(Generous);
        for (int i = 1; i <= 4; i++)
        {
            Assert.True(pump.AddAsync(Message(i), default).AsTask().IsCompleted);
        }

        Task sixth = pump.AddAsync(Message(5), default).AsTask();
        Assert.False(sixth.IsCompleted);
        release.SetResult();
        await sixth.WaitAsync(Generous);
        await pump.StopAsync().WaitAsync(Generous);
    }

    [Fact]
    public async Task Every_message_is_handled_once_whatever_waits_and_what_does_not()
    {
        const int Count = 50_000;
        int[] handled = new int[Count];
        int left = Count;
        var all = new TaskCompletionSource(Async);
        var pump = new MessagePump(7, 16, async message =>
        {
            int i = int.Parse(message.MessageId, null);
            if (i % 3 == 0)
            {
                await Task.Yield();
            }

            handled[i]++;
            if (Interlocked.Decrement(ref left) == 0)
            {
                all.SetResult();
            }
        });

        for (int i = 0; i < Count; i++)
        {
            await pump.AddAsync(Message(i), default);
        }

        await all.Task.WaitAsync(Generous);
        await pump.StopAsync().WaitAsync(Generous);
        Assert.All(handled, times => Assert.Equal(1, times));
    }

    [Fact]
    public async Task Stopping_drops_what_waits_releases_the_adder_and_ends_with_the_last_handler()
    {
        var release = new TaskCompletionSource(Async);
        var first = new TaskCompletionSource(Async);
        int handled = 0;
        var pump = new MessagePump(1, 1, async _ =>
        {
            Interlocked.Increment(ref handled);
            first.TrySetResult();
            await release.Task;
        });
        await pump.AddAsync(Message(0), default);
        await first.Task.WaitAsync(Generous);
        await pump.AddAsync(Message(1), default);
        Task adding = pump.AddAsync(Message(2), default).AsTask();

        Task stopping = pump.StopAsync();
        await adding.WaitAsync(Generous);
        Assert.False(stopping.IsCompleted);
        release.SetResult();
        await stopping.WaitAsync(Generous);

        Assert.Equal(1, handled);
    }

    private static AgentMessage Message(int i) => new("t", $"{i}", default);
}
