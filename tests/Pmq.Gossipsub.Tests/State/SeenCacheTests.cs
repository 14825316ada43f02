using Pmq.Core.Runtime;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Tests.State;

public sealed class SeenCacheTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(120);

    [Fact]
    public void An_id_lives_at_least_its_lifetime_and_at_most_half_as_much_again()
    {
        for (int begin = 0; begin < 60; begin++)
        {
            SeenCache seen = Cache();
            for (int second = 0; second <= begin + 200; second++)
            {
                TimeSpan now = TimeSpan.FromSeconds(second);
                seen.Advance(now);
                if (second == begin)
                {
                    seen.Set(Key(1), SeenKind.Accepted, now);
                }

                int age = second - begin;
                bool known = seen.TryGet(Key(1), out _);
                Assert.True(age is < 0 or > 120 || known, $"forgotten after {age} s");
                Assert.True(age is >= 0 and < 180 || !known, $"known after {age} s");
            }
        }
    }

    [Fact]
    public void After_a_long_pause_everything_is_forgotten()
    {
        SeenCache seen = Cache();
        seen.Set(Key(1), SeenKind.Accepted, TimeSpan.Zero);

        seen.Advance(TimeSpan.FromSeconds(1000));

        Assert.False(seen.TryGet(Key(1), out _));
        seen.Set(Key(2), SeenKind.Accepted, TimeSpan.FromSeconds(1000));
        seen.Advance(TimeSpan.FromSeconds(1100));
        Assert.True(seen.TryGet(Key(2), out _));
    }

    [Fact]
    public void The_cap_shortens_the_horizon_and_the_horizon_says_so()
    {
        SeenCache seen = Cache(30);
        Assert.Equal(Lifetime, seen.Horizon(TimeSpan.Zero));
        for (int i = 0; i < 100; i++)
        {
            seen.Set(Key(i), SeenKind.Accepted, TimeSpan.FromSeconds(i / 10.0));
            Assert.InRange(seen.Count, 1, 30);
        }

        // The generations begun at 7, 8 and 9 s are left.
        TimeSpan now = TimeSpan.FromSeconds(9.9);
        Assert.Equal(TimeSpan.FromSeconds(2.9), seen.Horizon(now));
        Assert.False(seen.TryGet(Key(69), out _));
        Assert.True(seen.TryGet(Key(70), out _));
    }

    [Fact]
    public void The_horizon_is_the_lifetime_while_the_cap_is_not_met()
    {
        SeenCache seen = Cache();
        for (int second = 0; second < 1000; second++)
        {
            TimeSpan now = TimeSpan.FromSeconds(second);
            seen.Set(Key(second), SeenKind.Accepted, now);
            Assert.Equal(Lifetime, seen.Horizon(now));
        }
    }

    [Fact]
    public void The_last_word_counts_and_can_be_taken_back()
    {
        SeenCache seen = Cache();
        seen.Set(Key(1), SeenKind.DeliveredUnsent, TimeSpan.Zero);
        seen.Set(Key(1), SeenKind.Accepted, TimeSpan.FromSeconds(61));
        Assert.True(seen.TryGet(Key(1), out SeenKind kind));
        Assert.Equal(SeenKind.Accepted, kind);

        seen.Remove(Key(1));

        Assert.False(seen.TryGet(Key(1), out _));
    }

    [Fact]
    public void The_topic_is_part_of_the_key()
    {
        SeenCache seen = Cache();
        seen.Set(Key(1), SeenKind.Accepted, TimeSpan.Zero);

        Assert.False(seen.TryGet(Key(1) with { Topic = 2 }, out _));
    }

    private static SeenCache Cache(int max = 100_000) =>
        new(Lifetime, max, new MessageKeyComparer(new SeededChance(1)), TimeSpan.Zero);

    private static MessageKey Key(int number) =>
        new(1, default(MessageIdOptions).Compute(BitConverter.GetBytes(number)));
}
