using Pmq.Core.Runtime;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Tests.State;

public sealed class UnwantedIdsTests
{
    [Fact]
    public void What_peers_do_not_want_is_bounded_over_all_of_them_and_room_comes_back()
    {
        UnwantedIds unwanted = new(lifetime: 2, new MessageKeyComparer(new SeededChance(1)));
        MessageId id = default(MessageIdOptions).Compute([1]);
        for (ulong peer = 0; peer < UnwantedIds.Most; peer++)
        {
            Assert.True(unwanted.Add(peer, id));
        }

        Assert.False(unwanted.Add(UnwantedIds.Most, id));
        Assert.False(unwanted.Contains(UnwantedIds.Most, id));
        Assert.True(unwanted.Contains(0, id));
        unwanted.Advance();
        Assert.False(unwanted.Add(UnwantedIds.Most, id));
        unwanted.Advance();
        Assert.Equal(0, unwanted.Count);
        Assert.True(unwanted.Add(UnwantedIds.Most, id));
    }

    [Fact]
    public void A_steady_load_allocates_nothing_and_the_room_of_a_flood_is_given_back()
    {
        UnwantedIds unwanted = new(lifetime: 3, new MessageKeyComparer(new SeededChance(1)));
        MessageId id = default(MessageIdOptions).Compute([1]);
        ulong peer = 0;
        for (int i = 0; i < 3; i++)
        {
            Beat(2000);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            Beat(2000);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        int steady = unwanted.Capacity;
        Beat(200_000);
        Assert.True(unwanted.Capacity > 20 * steady);
        for (int i = 0; i < 6; i++)
        {
            Beat(2000);
        }

        Assert.Equal(steady, unwanted.Capacity);

        void Beat(int entries)
        {
            unwanted.Advance();
            for (int i = 0; i < entries; i++)
            {
                unwanted.Add(peer++, id);
            }
        }
    }
}
