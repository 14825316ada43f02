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
}
