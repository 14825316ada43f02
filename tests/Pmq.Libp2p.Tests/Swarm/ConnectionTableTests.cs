using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Libp2p.Swarm;

namespace Pmq.Libp2p.Tests.Swarm;

public sealed class ConnectionTableTests
{
    private static readonly PeerId Small = Ordered().Small;
    private static readonly PeerId Large = Ordered().Large;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    [Fact]
    public void Peers_that_dial_each_other_at_once_keep_the_same_connection_in_any_order()
    {
        // "a" is dialed by the smaller id, "b" by the larger one.
        foreach (string atSmall in (string[])["ab", "ba"])
        {
            foreach (string atLarge in (string[])["ab", "ba"])
            {
                Assert.Equal("a", Survivors(Small, atSmall));
                Assert.Equal("a", Survivors(Large, atLarge));
            }
        }
    }

    [Fact]
    public void A_late_second_connection_of_the_other_direction_leaves_both()
    {
        var table = Table(Large);
        Assert.True(Add(table, "old", Small, ConnectionDirection.Outbound, TimeSpan.Zero, out _));
        Assert.True(Add(table, "new", Small, ConnectionDirection.Inbound, Window + TimeSpan.FromTicks(1), out var closed));
        Assert.Empty(closed);
        Assert.Equal("new", table.Best(Small));
    }

    [Fact]
    public void A_peer_that_comes_back_while_its_old_connections_hang_gets_through()
    {
        var table = Table(Small);
        TimeSpan now = TimeSpan.Zero;
        for (int i = 0; i < 2; i++)
        {
            Assert.True(Add(table, $"dead{i}", Large, ConnectionDirection.Inbound, now, out _));
            now += TimeSpan.FromMinutes(1);
        }

        Assert.True(Add(table, "alive", Large, ConnectionDirection.Inbound, now, out var closed));
        Assert.Equal(["dead0"], closed);
        Assert.Equal("alive", table.Best(Large));
    }

    [Fact]
    public void A_third_connection_at_once_is_refused_so_that_the_dialers_choice_stays()
    {
        var table = Table(Small);
        Assert.True(Add(table, "first", Large, ConnectionDirection.Inbound, TimeSpan.Zero, out _));
        Assert.True(Add(table, "second", Large, ConnectionDirection.Inbound, TimeSpan.Zero, out _));
        Assert.False(Add(table, "third", Large, ConnectionDirection.Inbound, TimeSpan.FromSeconds(1), out var closed));
        Assert.Empty(closed);
    }

    [Fact]
    public void A_superseded_connection_is_not_for_new_streams_but_stays_until_it_is_removed()
    {
        var table = Table(Small);
        Assert.True(Add(table, "theirs", Large, ConnectionDirection.Inbound, TimeSpan.Zero, out _));
        Assert.True(Add(table, "ours", Large, ConnectionDirection.Outbound, TimeSpan.Zero, out var closed));
        Assert.Equal(["theirs"], closed);
        Assert.Equal("ours", table.Best(Large));
        Assert.Equal(["theirs", "ours"], table.Of(Large));
        Assert.True(table.Remove(1));
        Assert.False(table.Remove(1));
        Assert.Equal(["ours"], table.All());
        Assert.True(table.Remove(2));
        Assert.Null(table.Best(Large));
        Assert.Equal((0, 0), (table.Count, table.PeerCount));
    }

    [Fact]
    public void A_new_connection_that_loses_is_taken_up_until_it_is_closed_but_not_for_new_streams()
    {
        var table = Table(Small);
        Assert.True(Add(table, "ours", Large, ConnectionDirection.Outbound, TimeSpan.Zero, out _));
        Assert.True(Add(table, "theirs", Large, ConnectionDirection.Inbound, TimeSpan.Zero, out var closed));
        Assert.Equal(["theirs"], closed);
        Assert.Equal("ours", table.Best(Large));
        Assert.False(Add(table, "again", Large, ConnectionDirection.Inbound, TimeSpan.Zero, out _));
        Assert.Equal(2, table.Count);
    }

    [Fact]
    public void A_connection_that_has_ended_neither_serves_nor_wins_before_it_is_removed()
    {
        var table = Table(Small);
        Assert.True(Add(table, "ended", Large, ConnectionDirection.Outbound, TimeSpan.Zero, out _));
        Assert.Null(table.Best(Large));
        Assert.True(Add(table, "theirs", Large, ConnectionDirection.Inbound, TimeSpan.Zero, out var closed));
        Assert.Empty(closed);
        Assert.Equal("theirs", table.Best(Large));
    }

    [Fact]
    public void Only_the_larger_id_gives_up_its_dial_for_an_inbound_connection()
    {
        Assert.True(Table(Large).OutboundWouldLose(Small));
        Assert.False(Table(Small).OutboundWouldLose(Large));
    }

    private static (PeerId Small, PeerId Large) Ordered() =>
        TestPeers.Id(1).CompareTo(TestPeers.Id(2)) < 0
            ? (TestPeers.Id(1), TestPeers.Id(2))
            : (TestPeers.Id(2), TestPeers.Id(1));

    private static ConnectionTable<string> Table(PeerId local) =>
        new(local, maxPerPeer: 2, Window, static name => !name.StartsWith("ended", StringComparison.Ordinal));

    private static bool Add(
        ConnectionTable<string> table,
        string name,
        PeerId peer,
        ConnectionDirection direction,
        TimeSpan now,
        out List<string> superseded)
    {
        superseded = [];
        return table.TryAdd(table.NextId(), name, peer, direction, now, superseded);
    }

    private static string Survivors(PeerId local, string order)
    {
        var table = Table(local);
        PeerId peer = local.Equals(Small) ? Large : Small;
        string open = "";
        foreach (char name in order)
        {
            bool dialedBySmall = name == 'a';
            ConnectionDirection direction =
                dialedBySmall == local.Equals(Small) ? ConnectionDirection.Outbound : ConnectionDirection.Inbound;
            if (Add(table, name.ToString(), peer, direction, TimeSpan.Zero, out List<string> superseded))
            {
                open += name;
            }

            superseded.ForEach(loser => open = open.Replace(loser, "", StringComparison.Ordinal));
        }

        return open;
    }
}
