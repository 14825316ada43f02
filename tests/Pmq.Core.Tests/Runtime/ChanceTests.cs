using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Runtime;

namespace Pmq.Core.Tests.Runtime;

public sealed class ChanceTests
{
    [Fact]
    public void A_seed_gives_the_same_stream_for_ever()
    {
        // xoshiro256** seeded by SplitMix64, as the reference code by Blackman and Vigna: a change breaks every stored
        // seed.
        var chance = new SeededChance(0);
        Assert.Equal(
            [0x99EC5F36CB75F2B4UL, 0xBF6E1F784956452AUL, 0x1A5F849D4933E6E0UL],
            [chance.NextUInt64(), chance.NextUInt64(), chance.NextUInt64()]);
    }

    [Fact]
    public void Integers_stay_in_range_and_reach_both_ends()
    {
        var chance = new SeededChance(1);
        var counts = new int[7];
        for (int i = 0; i < 70_000; i++)
        {
            counts[chance.NextInt32(7)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
        Assert.Equal(0, chance.NextInt32(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => chance.NextInt32(0));
        Prop.ForAll<int>(max => max <= 0 || (uint)chance.NextInt32(max) < (uint)max).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_shuffle_keeps_the_items_and_draws_every_order()
    {
        var chance = new SeededChance(1);
        var orders = new HashSet<string>();
        for (int i = 0; i < 1000; i++)
        {
            char[] items = ['a', 'b', 'c', 'd'];
            chance.Shuffle<char>(items);
            Assert.Equal("abcd", string.Concat(items.Order()));
            orders.Add(new string(items));
        }

        Assert.Equal(24, orders.Count);
    }

    [Fact]
    public void Children_differ_by_label_and_repeat_with_the_seed()
    {
        ulong Draw(ulong seed, string label) => new SeededChance(seed).Fork(label).NextUInt64();
        Assert.Equal(Draw(1, "mesh"), Draw(1, "mesh"));
        Assert.NotEqual(Draw(1, "mesh"), Draw(1, "gossip"));
        Assert.NotEqual(Draw(1, "mesh"), Draw(2, "mesh"));
    }

    [Fact]
    public void Secure_chance_does_not_repeat()
    {
        var chance = new SecureChance();
        var seen = new HashSet<ulong>();
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(seen.Add(chance.NextUInt64()));
        }

        Assert.True(seen.Add(chance.Fork("x").NextUInt64()));
    }
}
