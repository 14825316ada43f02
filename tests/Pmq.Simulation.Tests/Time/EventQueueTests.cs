using Pmq.Core.Runtime;
using Pmq.Simulation.Time;

namespace Pmq.Simulation.Tests.Time;

public sealed class EventQueueTests
{
    [Fact]
    public void Events_come_in_the_order_of_time_and_then_of_scheduling()
    {
        for (ulong seed = 1; seed <= 30; seed++)
        {
            SeededChance chance = new(seed);
            EventQueue queue = new();
            PriorityQueue<int, (long, int)> expected = new();
            long now = 0;
            for (int i = 0; i < 3000; i++)
            {
                long due = now + DelayOf(chance);
                queue.Push(new SimEvent { Due = due, Number = i });
                expected.Enqueue(i, (due, i));
                if (chance.NextInt32(3) == 0)
                {
                    now = PopSome(queue, expected, chance, now);
                }
            }

            PopAll(queue, expected, long.MaxValue);
            Assert.Equal(0, queue.Count);
            Assert.Equal(0, expected.Count);
        }
    }

    [Fact]
    public void Nothing_comes_before_its_time()
    {
        EventQueue queue = new();
        queue.Push(new SimEvent { Due = 1_000_000, Number = 1 });
        queue.Push(new SimEvent { Due = 900_000_000, Number = 2 });

        Assert.False(queue.TryPop(999_999, out _));
        Assert.True(queue.TryPop(1_000_000, out SimEvent first));
        Assert.Equal(1, first.Number);
        Assert.False(queue.TryPop(899_999_999, out _));

        // Later than what was looked at, earlier than what waits.
        queue.Push(new SimEvent { Due = 899_999_999, Number = 3 });
        Assert.True(queue.TryPop(long.MaxValue, out SimEvent third));
        Assert.Equal(3, third.Number);
        Assert.True(queue.TryPop(long.MaxValue, out SimEvent second));
        Assert.Equal(2, second.Number);
        Assert.False(queue.TryPop(long.MaxValue, out _));
    }

    // Now, near, and beyond the wheel.
    private static long DelayOf(Chance chance) => chance.NextInt32(4) switch
    {
        0 => 0,
        1 => chance.NextInt32(3000),
        2 => chance.NextInt32(5_000_000),
        _ => chance.NextInt32(50_000_000),
    };

    private static long PopSome(
        EventQueue queue, PriorityQueue<int, (long Due, int)> expected, Chance chance, long now)
    {
        long until = now + chance.NextInt32(20_000_000);
        PopAll(queue, expected, until);
        return until;
    }

    private static void PopAll(EventQueue queue, PriorityQueue<int, (long Due, int)> expected, long until)
    {
        while (expected.TryPeek(out int number, out (long Due, int) key) && key.Due <= until)
        {
            expected.Dequeue();
            Assert.True(queue.TryPop(until, out SimEvent item));
            Assert.Equal(number, item.Number);
            Assert.Equal(key.Due, item.Due);
        }

        Assert.False(queue.TryPop(until, out _));
    }
}
