using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Pmq.Protocol;

namespace Pmq.Client.Tests;

public sealed class ProcessorTests : IAsyncLifetime
{
    private const TaskCreationOptions Async = TaskCreationOptions.RunContinuationsAsynchronously;

    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromSeconds(60));
    private readonly CancellationTokenSource _stop = new();
    private FakeAgent _agent = null!;
    private PmqClient _client = null!;

    private CancellationToken Limit => _timeout.Token;

    private FakeServices Services => _agent.Services;

    public async ValueTask InitializeAsync()
    {
        _agent = await FakeAgent.StartAsync();
        _client = new PmqClient(_agent.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _agent.DisposeAsync();
        _timeout.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Messages_are_processed_one_after_another_in_order()
    {
        var order = new ConcurrentQueue<string>();
        var done = new TaskCompletionSource(Async);
        Task running = Run(new ProcessorOptions { Topics = ["a"], QueueSize = 7 }, async (message, _) =>
        {
            await Task.Yield();
            order.Enqueue(message.MessageId);
            if (order.Count == 300)
            {
                done.SetResult();
            }
        });

        Send(0, 300);
        await done.Task.WaitAsync(Limit);

        Assert.Equal("a", await Services.Subscribed.Reader.ReadAsync(Limit));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}"), order);
        await StopAsync(running);
    }

    [Fact]
    public async Task So_many_are_processed_at_once_as_MaxConcurrency_says()
    {
        int underWay = 0;
        var full = new TaskCompletionSource(Async);
        var release = new TaskCompletionSource(Async);
        int left = 50;
        var done = new TaskCompletionSource(Async);
        Task running = Run(new ProcessorOptions { MaxConcurrency = 3 }, async (_, _) =>
        {
            int now = Interlocked.Increment(ref underWay);
            if (now == 3)
            {
                full.TrySetResult();
            }

            await release.Task;
            Interlocked.Decrement(ref underWay);
            Assert.InRange(now, 1, 3);
            if (Interlocked.Decrement(ref left) == 0)
            {
                done.SetResult();
            }
        });

        Send(0, 50);
        await full.Task.WaitAsync(Limit);
        release.SetResult();
        await done.Task.WaitAsync(Limit);
        await StopAsync(running);
    }

    [Fact]
    public async Task An_exception_of_the_consumer_is_reported_and_the_next_message_comes()
    {
        var faults = new ConcurrentQueue<(string, string)>();
        var done = new TaskCompletionSource(Async);
        var options = new ProcessorOptions { OnFault = (message, fault) => faults.Enqueue((message.MessageId, fault.Message)) };
        Task running = Run(options, (message, _) =>
        {
            if (message.MessageId == "1")
            {
                done.SetResult();
            }

            return message.MessageId == "0" ? throw new InvalidDataException("ours") : ValueTask.CompletedTask;
        });

        Send(0, 2);
        await done.Task.WaitAsync(Limit);

        Assert.Equal(("0", "ours"), Assert.Single(faults));
        await StopAsync(running);
    }

    [Fact]
    public async Task An_exception_of_the_consumer_ends_the_run_where_that_is_set()
    {
        Task running = Run(
            new ProcessorOptions { StopsOnFault = true },
            async (_, _) =>
            {
                await Task.Yield();
                throw new InvalidDataException("ours");
            });

        Send(0, 1);

        Assert.Equal("ours", (await Assert.ThrowsAsync<InvalidDataException>(() => running.WaitAsync(Limit))).Message);
    }

    [Fact]
    public async Task What_the_agent_has_dropped_is_reported()
    {
        var dropped = new TaskCompletionSource<long>(Async);
        Services.Dropped = 17;
        Task running = Run(
            new ProcessorOptions { OnDropped = count => dropped.TrySetResult(count) }, (_, _) => ValueTask.CompletedTask);

        Services.ToListener.Writer.Complete();

        Assert.Equal(17, await dropped.Task.WaitAsync(Limit));
        await StopAsync(running);
    }

    [Fact]
    public async Task A_processor_subscribes_and_listens_again_when_the_agent_restarts()
    {
        var ids = System.Threading.Channels.Channel.CreateUnbounded<string>();
        Task running = Run(new ProcessorOptions { Topics = ["a"] }, async (message, _) =>
            await ids.Writer.WriteAsync(message.MessageId, CancellationToken.None));
        Send(0, 1);
        Assert.Equal("0", await ids.Reader.ReadAsync(Limit));

        string address = _agent.Address;
        FakeServices services = Services;
        await _agent.DisposeAsync();
        _agent = await FakeAgent.StartAsync(address, services);
        Send(1, 1);

        Assert.Equal("1", await ids.Reader.ReadAsync(Limit));
        Assert.Equal("a", await Services.Subscribed.Reader.ReadAsync(Limit));
        Assert.Equal("a", await Services.Subscribed.Reader.ReadAsync(Limit));
        await StopAsync(running);
    }

    [Fact]
    public async Task Stopping_cancels_the_consumer_and_waits_for_it()
    {
        var started = new TaskCompletionSource(Async);
        bool hasEnded = false;
        Task running = Run(new ProcessorOptions(), async (_, cancellationToken) =>
        {
            started.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                hasEnded = true;
            }
        });

        Send(0, 2);
        await started.Task.WaitAsync(Limit);
        await StopAsync(running);

        Assert.True(hasEnded);
    }

    [Fact]
    public async Task The_end_of_the_client_ends_the_run()
    {
        var connected = new TaskCompletionSource(Async);
        Task running = Run(
            new ProcessorOptions { OnConnected = () => connected.TrySetResult() }, (_, _) => ValueTask.CompletedTask);
        await connected.Task.WaitAsync(Limit);

        _client.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => running.WaitAsync(Limit));
    }

    [Fact]
    public async Task An_agent_that_refuses_the_topic_ends_the_run()
    {
        Services.Failure = new Status(StatusCode.InvalidArgument, "no such topic");

        var thrown = await Assert.ThrowsAsync<PmqClientException>(
            () => Run(new ProcessorOptions { Topics = ["a"] }, (_, _) => ValueTask.CompletedTask).WaitAsync(Limit));

        Assert.Equal("no such topic", thrown.Message);
    }

    [Theory]
    [InlineData(0, 1, 0, "MaxConcurrency = 0: must be 1 to 65536")]
    [InlineData(1, 0, 0, "QueueSize = 0: must be 1 to 1048576")]
    [InlineData(1, 1, -1, "MaxRate = -1: must be 0 (no limit) or more")]
    public void An_option_out_of_range_is_named(int maxConcurrency, int queueSize, long maxRate, string message) =>
        Assert.Equal(message, Assert.Throws<PmqClientException>(() => new Processor(
            _client,
            new ProcessorOptions { MaxConcurrency = maxConcurrency, QueueSize = queueSize, MaxRate = maxRate },
            (_, _) => ValueTask.CompletedTask)).Message);

    private Task Run(ProcessorOptions options, Func<AgentMessage, CancellationToken, ValueTask> consumer) =>
        new Processor(_client, options, consumer).RunAsync(_stop.Token);

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running.WaitAsync(Limit);
    }

    private void Send(int start, int count)
    {
        for (int i = start; i < start + count; i++)
        {
            Services.ToListener.Writer.TryWrite(
                new Message { Topic = "a", MessageId = $"{i}", Data = ByteString.CopyFromUtf8("x") });
        }
    }
}
