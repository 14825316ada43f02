using FsCheck;
using FsCheck.Fluent;
using Pmq.Engine.Runtime;

namespace Pmq.Engine.Tests.Runtime;

/// <summary>Whoever floods waits for itself: measured by how many leave before the one message of somebody else.</summary>
public sealed class FairQueueTests
{
    private const int Flood = 1000;

    private readonly object _flooder = new();
    private readonly object _other = new();

    [Fact]
    public void A_flooded_topic_delays_no_other_topic() =>
        Assert.InRange(AheadOf("quiet", _other, new Fair()), 0, 1);

    [Fact]
    public void A_flooding_peer_delays_no_other_peer_on_the_same_topic() =>
        Assert.InRange(AheadOf("flooded", _other, new Fair()), 0, 1);

    [Fact]
    public void A_flooding_peer_does_not_delay_our_own_messages() =>
        Assert.InRange(AheadOf("flooded", null, new Fair()), 0, 1);

    [Fact]
    public void A_plain_queue_fails_these_tests()
    {
        Assert.Equal(Flood, AheadOf("quiet", _other, new Plain()));
        Assert.Equal(Flood, AheadOf("flooded", _other, new Plain()));
    }

    [Fact]
    public void Many_flooding_peers_on_one_topic_take_only_that_topics_turns()
    {
        var queue = new Fair();
        for (int i = 0; i < Flood; i++)
        {
            queue.Enqueue("flooded", new object(), i, 1);
        }

        queue.Enqueue("quiet", _other, -1, 1);

        Assert.InRange(PositionOf(-1, queue), 0, 1);
    }

    [Fact]
    public void A_flood_of_large_messages_delays_a_small_one_by_one_of_them_at_most()
    {
        var queue = new Fair();
        for (int i = 0; i < Flood; i++)
        {
            queue.Enqueue("large", _flooder, i, Turns.Of(1024 * 1024));
            queue.Enqueue("small", _other, Flood + i, Turns.Of(1024));
        }

        // 64 turns a large message: as many small ones leave between two of them.
        int small = 0;
        int large = 0;
        for (int i = 0; i < 650; i++)
        {
            Assert.True(queue.TryDequeue(out int item));
            _ = item < Flood ? large++ : small++;
        }

        Assert.InRange(large, 9, 11);
        Assert.Equal(650, large + small);
    }

    [Fact]
    public void A_large_message_leaves_in_time_though_small_ones_flood()
    {
        var queue = new Fair();
        queue.Enqueue("large", _other, -1, Turns.Of(1024 * 1024));
        for (int i = 0; i < Flood; i++)
        {
            queue.Enqueue("small", _flooder, i, 1);
        }

        Assert.InRange(PositionOf(-1, queue), 0, 64);
    }

    [Fact]
    public void What_one_origin_put_in_on_one_topic_leaves_in_order_and_all_of_it_once() => Prop.ForAll(
        Gen.Choose(0, 1 << 16).ArrayOf().ToArbitrary(),
        steps =>
        {
            object[] origins = [new(), new(), new()];
            var queue = new FairQueue<(int Line, int Number)>();
            var put = new int[9];
            var taken = new int[9];
            foreach (int step in steps)
            {
                int line = step / 3 % 9;
                if (step % 3 == 0)
                {
                    Take();
                }
                else
                {
                    queue.Enqueue($"{line % 3}", origins[line / 3], (line, put[line]++), 1 + (step % 5));
                }
            }

            while (queue.Count > 0)
            {
                Take();
            }

            Assert.Equal(put, taken);
            Assert.False(queue.TryDequeue(out _));

            void Take()
            {
                int before = queue.Count;
                Assert.Equal(before > 0, queue.TryDequeue(out (int Line, int Number) item));
                if (before > 0)
                {
                    Assert.Equal(taken[item.Line]++, item.Number);
                    Assert.Equal(before - 1, queue.Count);
                }
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Lines_that_come_and_go_allocate_nothing_a_message()
    {
        var queue = new FairQueue<int>();
        object[] origins = [.. Enumerable.Range(0, 10).Select(_ => new object())];
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Flood; i++)
            {
                queue.Enqueue("t", origins[i % 10], i, 1);
                queue.TryDequeue(out _);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    /// <summary>How many leave before one message that comes after a flood.</summary>
    private int AheadOf(string topic, object? origin, ILine queue)
    {
        for (int i = 0; i < Flood; i++)
        {
            queue.Enqueue("flooded", _flooder, i, 1);
        }

        queue.Enqueue(topic, origin, -1, 1);
        return PositionOf(-1, queue);
    }

    private static int PositionOf(int wanted, ILine queue)
    {
        for (int position = 0; queue.TryDequeue(out int item); position++)
        {
            if (item == wanted)
            {
                return position;
            }
        }

        return -1;
    }

    private interface ILine
    {
        void Enqueue(string topic, object? origin, int item, int turns);

        bool TryDequeue(out int item);
    }

    private sealed class Fair : ILine
    {
        private readonly FairQueue<int> _queue = new();

        public void Enqueue(string topic, object? origin, int item, int turns) =>
            _queue.Enqueue(topic, origin, item, turns);

        public bool TryDequeue(out int item) => _queue.TryDequeue(out item);
    }

    private sealed class Plain : ILine
    {
        private readonly Queue<int> _queue = new();

        public void Enqueue(string topic, object? origin, int item, int turns) => _queue.Enqueue(item);

        public bool TryDequeue(out int item) => _queue.TryDequeue(out item);
    }
}
