using Pmq.Testing;

namespace Pmq.Core.Tests.Testing;

public sealed class VirtualTimeProviderTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Timers_fire_in_order_at_their_own_instant()
    {
        var time = new VirtualTimeProvider();
        var fired = new List<string>();
        Arm("late", 3);
        Arm("first", 1);
        Arm("second", 1);

        time.Advance(2 * Second);
        Assert.Equal(["first at 1", "second at 1"], fired);
        Assert.Equal(2 * Second, time.Elapsed);
        Assert.Equal(1, time.ArmedTimerCount);
        time.Advance(Second);
        Assert.Equal("late at 3", fired[^1]);
        Assert.Equal(0, time.ArmedTimerCount);

        void Arm(string name, int seconds) => time.CreateTimer(
            _ => fired.Add($"{name} at {time.Elapsed.TotalSeconds}"), null, seconds * Second, Timeout.InfiniteTimeSpan);
    }

    [Fact]
    public void A_periodic_timer_fires_each_period_until_it_is_changed_or_disposed()
    {
        var time = new VirtualTimeProvider();
        int count = 0;
        using ITimer timer = time.CreateTimer(_ => count++, null, Second, Second);
        time.Advance(3.5 * Second);
        Assert.Equal(3, count);
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        time.Advance(10 * Second);
        Assert.Equal(3, count);
        timer.Change(Second, Timeout.InfiniteTimeSpan);
        timer.Change(2 * Second, Timeout.InfiniteTimeSpan);
        time.Advance(Second);
        Assert.Equal(3, count);
        time.Advance(Second);
        Assert.Equal(4, count);
        timer.Dispose();
        Assert.False(timer.Change(Second, Second));
        time.Advance(10 * Second);
        Assert.Equal(4, count);
    }

    [Fact]
    public void A_timer_that_a_callback_arms_fires_in_the_same_advance()
    {
        var time = new VirtualTimeProvider();
        var fired = new List<double>();
        Chain();
        time.Advance(5 * Second);
        Assert.Equal([1, 2, 3, 4, 5], fired);

        void Chain() => time.CreateTimer(
            _ =>
            {
                fired.Add(time.Elapsed.TotalSeconds);
                Chain();
            },
            null, Second, Timeout.InfiniteTimeSpan);
    }

    [Fact]
    public async Task Waits_of_the_runtime_follow_it()
    {
        var time = new VirtualTimeProvider();
        using var timeout = new CancellationTokenSource(5 * Second, time);
        using var periodic = new PeriodicTimer(2 * Second, time);
        ValueTask<bool> tick = periodic.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, time.ArmedTimerCount);
        Assert.False(tick.IsCompleted);
        Assert.True(time.AdvanceToNextTimer());
        Assert.Equal(2 * Second, time.Elapsed);
        Assert.True(await tick);
        time.Advance(3 * Second);
        Assert.True(timeout.IsCancellationRequested);
        Assert.Equal(2 * Second, time.GetElapsedTime(time.GetTimestamp() - (2 * TimeSpan.TicksPerSecond)));
        Assert.Equal(new DateTimeOffset(2030, 1, 1, 0, 0, 5, TimeSpan.Zero), time.GetUtcNow());
    }

    [Fact]
    public async Task A_test_can_wait_until_timers_are_armed()
    {
        var time = new VirtualTimeProvider();
        Task waiting = time.WaitForTimersAsync(1, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        using ITimer timer = time.CreateTimer(_ => { }, null, Second, Timeout.InfiniteTimeSpan);
        await waiting;
        Assert.True(time.WaitForTimersAsync(1, TestContext.Current.CancellationToken).IsCompleted);
        timer.Dispose();
        Assert.False(time.AdvanceToNextTimer());
    }
}
