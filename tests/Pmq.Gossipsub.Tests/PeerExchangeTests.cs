using System.Net;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tests.Fixtures;
using Pmq.Testing;

namespace Pmq.Gossipsub.Tests;

/// <summary>Peer exchange: which PRUNEs tell other peers, and what is made of those that are told.</summary>
public sealed class PeerExchangeTests
{
    private const string Topic = "t";

    private static readonly GossipsubOptions Exchanging = new() { PeerExchange = true, Scoring = null };

    [Fact]
    public void A_graft_into_a_full_mesh_is_refused_with_peer_exchange()
    {
        RouterHarness router = FullMesh(out GossipPeer[] members);
        router.Router.SetPeerRecord(members[0].Id, new byte[] { 1, 2, 3 });
        GossipPeer late = Late(router);

        (PeerId Id, byte[] Record)[] told = [.. router.SentTo(late).ExchangedPeers];
        Assert.Equal(members.Select(peer => peer.Id).Order(), told.Select(peer => peer.Id).Order());
        Assert.Equal([1, 2, 3], Assert.Single(told, peer => peer.Id == members[0].Id).Record);
        Assert.All(told.Where(peer => peer.Id != members[0].Id), peer => Assert.Empty(peer.Record));
    }

    [Fact]
    public void A_prune_tells_no_more_peers_than_allowed_and_only_to_who_speaks_v1_1()
    {
        RouterHarness router = FullMesh(out _, Exchanging with { PrunePeers = 2 });
        Assert.Equal(2, router.SentTo(Late(router)).ExchangedPeers.Count);
        Assert.Empty(router.SentTo(Late(router, PubsubProtocol.Meshsub10)).ExchangedPeers);
    }

    [Fact]
    public void A_prune_tells_nobody_unless_peer_exchange_is_on()
    {
        RouterHarness router = FullMesh(out _, new GossipsubOptions { Scoring = null });
        Assert.Empty(router.SentTo(Late(router)).ExchangedPeers);
    }

    [Fact]
    public void A_prune_tells_no_peer_below_zero_and_no_direct_one()
    {
        ScoreTable scores = new();
        RouterHarness router = FullMesh(out GossipPeer[] members, policy: scores);
        router.Do((core, effects) =>
            core.AddDirectPeer(new DirectPeer(members[0].Id, []), router.Now, effects));
        scores.Scores[members[1]] = -1;
        GossipPeer again = router.AddPeer(direction: ConnectionDirection.Inbound);
        router.Receive(again, new RpcBuilder().Graft(Topic));
        GossipPeer late = Late(router);

        Assert.Contains(again.Id, router.SentTo(late).ExchangedPeers.Select(peer => peer.Id));
        Assert.DoesNotContain(members[0].Id, router.SentTo(late).ExchangedPeers.Select(peer => peer.Id));
        Assert.DoesNotContain(members[1].Id, router.SentTo(late).ExchangedPeers.Select(peer => peer.Id));
    }

    [Fact]
    public void A_graft_during_backoff_is_refused_without_peer_exchange()
    {
        RouterHarness router = FullMesh(out _);
        GossipPeer late = Late(router);
        router.Take();
        router.Receive(late, new RpcBuilder().Graft(Topic));

        Assert.NotEmpty(router.SentTo(late).Prunes);
        Assert.Empty(router.SentTo(late).ExchangedPeers);
    }

    [Fact]
    public void A_graft_of_a_peer_below_zero_is_refused_without_peer_exchange()
    {
        ScoreTable scores = new();
        RouterHarness router = FullMesh(out _, policy: scores);
        GossipPeer late = router.AddPeer(direction: ConnectionDirection.Inbound);
        scores.Scores[late] = -1;
        router.Receive(late, new RpcBuilder().Graft(Topic));

        Assert.NotEmpty(router.SentTo(late).Prunes);
        Assert.Empty(router.SentTo(late).ExchangedPeers);
    }

    [Fact]
    public void An_rpc_that_grafts_an_unknown_topic_is_told_no_peers_of_another()
    {
        RouterHarness router = FullMesh(out _);
        GossipPeer late = router.AddPeer(direction: ConnectionDirection.Inbound);
        router.Receive(late, new RpcBuilder().Graft(Topic).Graft("guessed"));

        Assert.Equal([(Topic, 60UL)], router.SentTo(late).Prunes);
        Assert.Empty(router.SentTo(late).ExchangedPeers);
    }

    [Fact]
    public void A_cut_mesh_and_a_left_topic_tell_peers_and_a_peer_below_zero_is_told_none()
    {
        ScoreTable scores = new();
        RouterHarness router = new(Exchanging, policy: scores);
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(20);
        foreach (GossipPeer peer in peers)
        {
            router.Receive(peer, new RpcBuilder().Graft(Topic));
        }

        scores.Scores[peers[0]] = -1;
        router.Take();
        router.Heartbeat();
        GossipPeer[] pruned = [.. peers.Where(peer => router.SentTo(peer).Prunes.Count > 0)];
        Assert.Equal(14, pruned.Length);
        Assert.All(pruned[1..], peer => Assert.Equal(16, router.SentTo(peer).ExchangedPeers.Count));
        Assert.Equal(peers[0], pruned[0]);
        Assert.Empty(router.SentTo(peers[0]).ExchangedPeers);

        router.Take();
        router.Leave(Topic);
        GossipPeer[] left = [.. peers.Where(peer => router.SentTo(peer).Prunes.Count > 0)];
        Assert.Equal(6, left.Length);
        Assert.All(left, peer => Assert.Equal(16, router.SentTo(peer).ExchangedPeers.Count));
    }

    [Fact]
    public void Peers_of_a_prune_are_connected_to_at_the_addresses_that_they_signed()
    {
        RouterHarness router = Joined(out GossipPeer member);
        PeerRecord record = Record(5, "/ip4/10.1.2.3/tcp/4001", "/ip4/8.8.8.8/tcp/4001");
        byte[] envelope = record.Seal(TestPeers.Key(5)).Encoded.ToArray();
        router.Receive(
            member, new RpcBuilder().PruneWithPeers(Topic, (record.Peer, envelope), (TestPeers.Id(900), [])));

        ConnectTarget[] targets = [.. router.Connecting];
        Assert.Equal([record.Peer, TestPeers.Id(900)], targets.Select(target => target.Peer));
        Assert.Equal(record.Addresses, targets[0].Addresses);
        Assert.Equal(envelope, targets[0].SignedRecord.ToArray());
        Assert.False(targets[0].IsDirect);
        Assert.Empty(targets[1].Addresses);
        Assert.Equal(2, router.Router.Counters.ExchangedPeersTaken);
    }

    [Fact]
    public void A_record_of_somebody_else_is_not_used()
    {
        RouterHarness router = Joined(out GossipPeer member);
        byte[] envelope = Record(5, "/ip4/8.8.8.8/tcp/4001").Seal(TestPeers.Key(5)).Encoded.ToArray();
        router.Receive(member, new RpcBuilder().PruneWithPeers(Topic, (TestPeers.Id(900), envelope)));

        Assert.Empty(router.Connecting);
        Assert.Equal(1, router.Router.Counters.ExchangedPeersIgnored);
    }

    [Fact]
    public void A_malformed_record_is_not_used_and_the_peer_not_blamed()
    {
        RouterHarness router = Joined(out GossipPeer member);
        byte[] envelope = Record(5, "/ip4/8.8.8.8/tcp/4001").Seal(TestPeers.Key(5)).Encoded.ToArray();
        envelope[^1] ^= 1;
        PeerId named = Record(5).Peer;
        router.Receive(
            member,
            new RpcBuilder().PruneWithPeers(
                Topic, (named, envelope), (named, [1, 2, 3]), (named, new byte[SignedEnvelope.MaxEncodedLength + 1])));

        Assert.Empty(router.Connecting);
        Assert.Equal(3, router.Router.Counters.ExchangedPeersIgnored);
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void Who_is_connected_already_and_we_ourselves_are_not_connected_to()
    {
        RouterHarness router = Joined(out GossipPeer member);
        GossipPeer other = router.AddPeer();
        PeerId self = PeerId.FromPublicKey(router.Identity.PublicKey);
        router.Receive(member, new RpcBuilder().PruneWithPeers(Topic, (other.Id, []), (self, []), (member.Id, [])));

        Assert.Empty(router.Connecting);
    }

    [Fact]
    public void Peers_of_a_prune_are_bounded_in_each_prune_and_each_heartbeat()
    {
        GossipsubOptions options = Exchanging with { PrunePeers = 3, MaxExchangedPeers = 4 };
        RouterHarness router = new(options);
        router.Join(Topic);
        GossipPeer[] members = router.AddPeers(3, Topic);
        for (int i = 0; i < 2; i++)
        {
            router.Receive(members[i], new RpcBuilder().PruneWithPeers(Topic, Strangers(i, 10)));
        }

        Assert.Equal(4, router.Connecting.Count());
        router.Heartbeat();
        router.Receive(members[2], new RpcBuilder().PruneWithPeers(Topic, Strangers(2, 10)));
        Assert.Equal(7, router.Connecting.Count());
    }

    [Fact]
    public void Peers_of_a_prune_that_changes_nothing_are_not_used()
    {
        RouterHarness router = Joined(out GossipPeer member);
        router.Receive(member, new RpcBuilder().PruneWithPeers(Topic));
        router.Receive(member, new RpcBuilder().PruneWithPeers(Topic, Strangers(0, 5)));

        Assert.Empty(router.Connecting);
    }

    [Theory]
    [InlineData(99.9, 0)]
    [InlineData(100, 1)]
    public void Peers_of_a_prune_are_used_only_from_the_accept_threshold_on(double score, int used)
    {
        ScoreTable scores = new();
        RouterHarness router = new(new GossipsubOptions(), policy: scores);
        router.Join(Topic);
        GossipPeer member = router.AddPeer(Topic);
        scores.Scores[member] = score;
        router.Receive(member, new RpcBuilder().PruneWithPeers(Topic, Strangers(0, 1)));

        Assert.Equal(used, router.Connecting.Count());
    }

    [Fact]
    public void Private_addresses_are_not_told_or_used_when_only_public_ones_may_be()
    {
        RouterHarness router = new(Exchanging with { PeerExchangePublicOnly = true });
        router.Join(Topic);
        PeerRecord inner = Record(5, "/ip4/10.1.2.3/tcp/4001");
        PeerRecord mixed = Record(6, "/ip4/10.1.2.3/tcp/4001", "/ip4/8.8.8.8/tcp/4001");
        byte[] innerEnvelope = inner.Seal(TestPeers.Key(5)).Encoded.ToArray();
        byte[] mixedEnvelope = mixed.Seal(TestPeers.Key(6)).Encoded.ToArray();
        router.AddPeer(id: inner.Peer);
        router.AddPeer(id: mixed.Peer);
        Assert.False(router.Router.SetPeerRecord(inner.Peer, innerEnvelope));
        Assert.True(router.Router.SetPeerRecord(mixed.Peer, mixedEnvelope));
        router.RemovePeer(router.Router.Peers.Single(peer => peer.Id == inner.Peer));
        router.RemovePeer(router.Router.Peers.Single(peer => peer.Id == mixed.Peer));

        GossipPeer member = router.AddPeer(Topic);
        router.Receive(
            member,
            new RpcBuilder().PruneWithPeers(Topic, (inner.Peer, innerEnvelope), (mixed.Peer, mixedEnvelope)));
        ConnectTarget[] targets = [.. router.Connecting];
        Assert.Empty(targets[0].Addresses); // The host may know it otherwise.
        Assert.Equal([mixed.Addresses[1]], targets[1].Addresses);
    }

    [Theory]
    [InlineData("8.8.8.8", "/ip4/9.9.9.9/tcp/1")]
    [InlineData("192.168.1.7", "/ip4/9.9.9.9/tcp/1", "/ip4/10.0.0.1/tcp/22", "/dns4/inner.example/tcp/22")]
    [InlineData(
        "127.0.0.1", "/ip4/9.9.9.9/tcp/1", "/ip4/10.0.0.1/tcp/22", "/dns4/inner.example/tcp/22",
        "/ip4/127.0.0.1/tcp/22", "/ip4/0.0.0.0/tcp/22", "/ip6/::ffff:127.0.0.1/tcp/22")]
    public void Who_is_connected_from_outside_cannot_make_us_dial_addresses_inside(
        string teller, params string[] expected)
    {
        RouterHarness router = new(Exchanging);
        router.Join(Topic);
        GossipPeer member = router.AddPeer(Topic);
        router.Router.SetAddresses(member, [IPAddress.Parse(teller)]);
        PeerRecord record = Record(
            5, "/ip4/9.9.9.9/tcp/1", "/ip4/10.0.0.1/tcp/22", "/dns4/inner.example/tcp/22", "/ip4/127.0.0.1/tcp/22",
            "/ip4/0.0.0.0/tcp/22", "/ip6/::ffff:127.0.0.1/tcp/22");

        router.Receive(
            member,
            new RpcBuilder().PruneWithPeers(
                Topic, (record.Peer, record.Seal(TestPeers.Key(5)).Encoded.ToArray())));

        Assert.Equal(expected, router.Connecting.Single().Addresses.Select(address => address.ToString()));
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("100.128.0.1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.1.1", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("198.51.100.1", false)]
    [InlineData("203.0.113.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2002::1", false)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    public void Public_addresses_are_global_unicast_ones(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Fact]
    public void A_name_is_no_public_address() =>
        Assert.False(PublicAddress.IsPublic(Multiaddr.Parse("/dns4/example.org/tcp/4001")));

    [Fact]
    public void Any_bytes_are_read_as_peers_of_a_prune_without_an_exception()
    {
        byte[] peer = RpcBuilder.Fields((1, TestPeers.Id(1).Bytes.ToArray()), (2, new byte[64]));
        ParserFuzz.RunMemory(
            input =>
            {
                PeerInfoReader peers = new(input.Span);
                int read = 0;
                while (peers.Next(out ReadOnlySpan<byte> id, out ReadOnlySpan<byte> record))
                {
                    read += id.Length + record.Length;
                }

                Assert.InRange(read, 0, input.Length);
            },
            [RpcBuilder.Fields((1, [0x74]), (2, peer), (2, peer)), RpcBuilder.Fields((2, []), (2, [0x0a]))]);
    }

    private static RouterHarness FullMesh(
        out GossipPeer[] members, GossipsubOptions? options = null, PeerPolicy? policy = null)
    {
        RouterHarness router = new(options ?? Exchanging, policy: policy);
        router.Join(Topic);
        members = router.AddPeers(12, direction: ConnectionDirection.Inbound);
        foreach (GossipPeer member in members)
        {
            router.Receive(member, new RpcBuilder().Graft(Topic));
        }

        Assert.Equal(12, router.Router.MeshOf(Topic).Count);
        return router;
    }

    private static GossipPeer Late(RouterHarness router, PubsubProtocol protocol = PubsubProtocol.Meshsub12)
    {
        GossipPeer late = router.AddPeer(direction: ConnectionDirection.Inbound, protocol: protocol);
        router.Receive(late, new RpcBuilder().Graft(Topic));
        return late;
    }

    private static RouterHarness Joined(out GossipPeer member)
    {
        RouterHarness router = new(Exchanging);
        router.Join(Topic);
        member = router.AddPeer(Topic);
        return router;
    }

    private static PeerRecord Record(ulong key, params string[] addresses) => new(
        PeerId.FromPublicKey(TestPeers.Key(key).PublicKey), 1, [.. addresses.Select(Multiaddr.Parse)]);

    private static (PeerId Peer, byte[] Record)[] Strangers(int group, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (TestPeers.Id(1000 + (group * 100) + i), Array.Empty<byte>()))];
}
