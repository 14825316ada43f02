using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Tests.State;

/// <summary>The flat table says what a dictionary would.</summary>
public sealed class SeenGenerationTests
{
    [Fact]
    public void It_agrees_with_a_dictionary_whatever_is_set_and_removed() => Prop.ForAll(
        Gen.Choose(0, 1 << 20).ArrayOf(600).ToArbitrary(),
        steps =>
        {
            var table = new SeenGeneration();
            var model = new Dictionary<ulong, SeenKind>();
            foreach (int step in steps)
            {
                // Few ids, and of those many that begin in the same slot.
                ulong hash = ((ulong)(step % 7) << 61) | ((ulong)(step / 7 % 97) << 3);
                if (step % 5 == 0)
                {
                    table.Remove(hash);
                    model.Remove(hash);
                }
                else
                {
                    table.Set(hash, (SeenKind)(step % 4));
                    model[hash] = (SeenKind)(step % 4);
                }

                bool known = model.TryGetValue(hash, out SeenKind expected);
                Assert.Equal(known, table.TryGet(hash, out SeenKind kind));
                Assert.True(!known || kind == expected);
                Assert.Equal(model.Count, table.Count);
            }

            Assert.All(model, entry => Assert.True(table.TryGet(entry.Key, out SeenKind kind) && kind == entry.Value));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_was_taken_back_does_not_make_it_grow()
    {
        var chance = new SeededChance(7);
        var table = new SeenGeneration();
        for (int i = 0; i < 100_000; i++)
        {
            ulong hash = chance.NextUInt64();
            table.Set(hash, SeenKind.Accepted);
            table.Remove(hash);
        }

        Assert.Equal(0, table.Count);
        Assert.Equal(256, table.Capacity);
    }

    [Fact]
    public void It_grows_and_keeps_all_that_it_holds()
    {
        var chance = new SeededChance(7);
        ulong[] hashes = [.. Enumerable.Range(0, 100_000).Select(_ => chance.NextUInt64())];
        var table = new SeenGeneration();

        foreach (ulong hash in hashes)
        {
            table.Set(hash, SeenKind.Ignored);
        }

        Assert.Equal(hashes.Length, table.Count);
        Assert.All(hashes, hash => Assert.True(table.TryGet(hash, out SeenKind kind) && kind == SeenKind.Ignored));
        Assert.DoesNotContain(
            Enumerable.Range(0, 100_000), _ => table.TryGet(chance.NextUInt64(), out SeenKind kind));
        table.Clear();
        Assert.Equal(0, table.Count);
        Assert.DoesNotContain(hashes, hash => table.TryGet(hash, out SeenKind kind));
    }
}
