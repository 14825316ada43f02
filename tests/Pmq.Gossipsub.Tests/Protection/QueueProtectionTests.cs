using System.Net;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Protection;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests.Protection;

/// <summary>The guard of the queues by itself (red.md), in virtual time.</summary>
public sealed class QueueProtectionTests
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.1");

    private static readonly TimeSpan Start = TimeSpan.FromHours(1);

    private readonly TopicState _topic = Topic("t", 1);
    private readonly TopicState _other = Topic("other", 2);
    private readonly QueueProtection _protection = new(new QueueProtectionOptions(), Start);
    private readonly SeededChance _chance = new(1);
    private TimeSpan _now = Start;
    private int _peerCount;

    [Theory]
    [InlineData(0, 0, 0, 0, 1)]
    [InlineData(9, 0, 0, 0, 1)]
    [InlineData(0, 8, 0, 0, 1.0 / 2)]
    [InlineData(0, 0, 1, 0, 1.0 / 2)]
    [InlineData(0, 0, 0, 1, 1.0 / 17)]
    [InlineData(3, 8, 2, 1, 4.0 / (4 + 1 + 2 + 16))]
    public void The_chance_of_acceptance_is_that_of_the_formula(
        int deliver, int duplicate, int ignore, int reject, double expected)
    {
        GossipPeer peer = Peer(Address);
        Do(deliver, () => _protection.OnDelivered(peer, _topic));
        Do(duplicate, () => QueueProtection.OnDuplicate(peer, _topic));
        Do(ignore, () => QueueProtection.OnIgnored(peer, _topic));
        Do(reject, () => QueueProtection.OnRejected(peer, _topic));

        Assert.Equal(expected, _protection.AcceptanceOf(peer, _topic), 12);
        Assert.Equal(1, _protection.AcceptanceOf(peer, _other));
        Throttle(_topic, 1);
        const int Draws = 4000;
        int taken = Enumerable.Range(0, Draws).Count(_ => Admits(peer, _topic));
        Assert.InRange(taken, (expected - 0.05) * Draws, (expected + 0.05) * Draws);
    }

    [Fact]
    public void Protection_begins_with_the_first_third_of_throttled_messages_and_ends_after_a_quiet_minute()
    {
        Validate(_topic, 100);
        Throttle(_topic, 32);
        Assert.False(_protection.IsActive(_topic, _now));

        Throttle(_topic, 1);
        Assert.True(_protection.IsActive(_topic, _now));
        Assert.False(_protection.IsActive(_other, _now));

        _now += TimeSpan.FromMinutes(1);
        Assert.True(_protection.IsActive(_topic, _now));
        Assert.False(_protection.IsActive(_topic, _now + TimeSpan.FromTicks(1)));
    }

    [Fact]
    public void A_queue_that_overflows_before_anything_was_validated_is_guarded()
    {
        Throttle(_topic, 1);

        Assert.True(_protection.IsActive(_topic, _now));
    }

    [Fact]
    public void Deliveries_restore_acceptance()
    {
        GossipPeer peer = Peer(Address);
        Assert.True(Admits(peer, _topic));
        Throttle(_topic, 1);
        Assert.True(Admits(peer, _topic));

        QueueProtection.OnRejected(peer, _topic);
        double low = _protection.AcceptanceOf(peer, _topic);
        Do(100, () => _protection.OnDelivered(peer, _topic));

        Assert.InRange(low, 0.05, 0.06);
        Assert.InRange(_protection.AcceptanceOf(peer, _topic), 0.86, 0.87);
    }

    [Fact]
    public void Deliveries_weigh_what_their_topic_says()
    {
        var protection = new QueueProtection(
            new QueueProtectionOptions { DeliveryWeights = new Dictionary<string, double> { ["t"] = 3 } }, Start);
        GossipPeer peer = Peer(Address, protection);
        protection.OnDelivered(peer, _topic);
        protection.OnDelivered(peer, _other);
        QueueProtection.OnIgnored(peer, _topic);
        QueueProtection.OnIgnored(peer, _other);

        Assert.Equal(4.0 / 5, protection.AcceptanceOf(peer, _topic));
        Assert.Equal(2.0 / 3, protection.AcceptanceOf(peer, _other));
    }

    [Fact]
    public void Statistics_belong_to_the_address_and_are_kept()
    {
        GossipPeer first = Peer(Address);
        QueueProtection.OnRejected(first, _topic);
        GossipPeer second = Peer(Address);
        Assert.Equal(1.0 / 17, _protection.AcceptanceOf(second, _topic));

        _protection.Remove(first);
        _protection.Remove(second);
        QueueProtection.OnRejected(second, _topic); // A verdict that comes late.
        _now += TimeSpan.FromHours(5.9);
        Advance();
        GossipPeer third = Peer(Address);
        Assert.Equal(1.0 / 33, _protection.AcceptanceOf(third, _topic));

        _protection.Remove(third);
        _now += TimeSpan.FromHours(6);
        Advance();
        Assert.Equal(1, _protection.AcceptanceOf(Peer(Address), _topic));
    }

    [Fact]
    public void A_peer_that_moves_takes_the_statistics_of_its_new_address()
    {
        GossipPeer bad = Peer(Address);
        QueueProtection.OnRejected(bad, _topic);

        _protection.SetAddresses(bad, [IPAddress.Parse("192.0.2.2")]);
        Assert.Equal(1, _protection.AcceptanceOf(bad, _topic));
        _protection.SetAddresses(bad, [IPAddress.Loopback, Address]);

        Assert.Equal(1.0 / 17, _protection.AcceptanceOf(bad, _topic));
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::ffff:2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("127.0.0.1", "127.0.0.1", false)]
    [InlineData("::1", "::1", false)]
    public void A_source_is_an_ipv4_address_a_64_of_ipv6_or_the_peer_where_the_address_says_nothing(
        string one, string another, bool isSame)
    {
        GossipPeer first = Peer(IPAddress.Parse(one));
        GossipPeer second = Peer(IPAddress.Parse(another));

        QueueProtection.OnRejected(first, _topic);

        Assert.Equal(isSame ? 1.0 / 17 : 1, _protection.AcceptanceOf(second, _topic), 12);
    }

    [Fact]
    public void Statistics_decay()
    {
        GossipPeer peer = Peer(Address);
        Do(100, () => QueueProtection.OnIgnored(peer, _topic));
        Validate(_topic, 100);
        Throttle(_topic, 100);

        Advance(seconds: 120);
        Assert.InRange(_topic.Gate!.Validated, 0.99, 1.01);
        Assert.InRange(_topic.Gate.Throttled, 0.99, 1.01);
        Advance(seconds: 121);
        Assert.Equal(0, _topic.Gate.Validated);
        Advance(seconds: 3600 - 241);
        Assert.InRange(_protection.AcceptanceOf(peer, _topic), 1 / 2.01, 1 / 1.99);
        Advance(seconds: 3601);
        Assert.Equal(1, _protection.AcceptanceOf(peer, _topic));
    }

    [Fact]
    public void The_table_of_sources_is_bounded_and_forgets_who_went_first()
    {
        var protection = new QueueProtection(new QueueProtectionOptions { MaxSources = 3 }, Start);
        GossipPeer[] peers =
            [.. Enumerable.Range(1, 3).Select(i => Peer(new IPAddress([192, 0, 2, (byte)i]), protection))];
        Assert.Equal(3, protection.SourceCount);
        GossipPeer fourth = Peer(new IPAddress([192, 0, 2, 4]), protection);
        QueueProtection.OnRejected(fourth, _topic);
        Assert.Equal(1, protection.AcceptanceOf(fourth, _topic));
        Assert.True(protection.SourcesNotNoted > 0);

        QueueProtection.OnRejected(peers[0], _topic);
        QueueProtection.OnRejected(peers[1], _topic);
        protection.Remove(peers[1]);
        protection.Remove(peers[0]);
        GossipPeer fifth = Peer(new IPAddress([192, 0, 2, 5]), protection);
        QueueProtection.OnRejected(fifth, _topic);

        Assert.Equal(3, protection.SourceCount);
        Assert.Equal(1.0 / 17, protection.AcceptanceOf(fifth, _topic));
        Assert.Equal(1.0 / 17, protection.AcceptanceOf(Peer(new IPAddress([192, 0, 2, 1]), protection), _topic));
    }

    private GossipPeer Peer(IPAddress address, QueueProtection? protection = null)
    {
        var peer = new GossipPeer(
            TestPeers.Id(_peerCount++), PubsubProtocol.Meshsub12, Core.Hosting.ConnectionDirection.Inbound);
        (protection ?? _protection).SetAddresses(peer, [address]);
        return peer;
    }

    private void Advance(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            Advance();
        }
    }

    private void Advance() => _protection.Advance(_now, [_topic, _other]);

    private bool Admits(GossipPeer peer, TopicState topic) => _protection.Admits(peer, topic, _now, _chance);

    private static void Validate(TopicState topic, int times) => Do(times, () => QueueProtection.OnValidated(topic));

    private void Throttle(TopicState topic, int times) => Do(times, () => QueueProtection.OnThrottled(topic, _now));

    private static void Do(int times, Action action)
    {
        for (int i = 0; i < times; i++)
        {
            action();
        }
    }

    private static TopicState Topic(string name, ulong tag) => new(
        name, System.Text.Encoding.UTF8.GetBytes(name), tag, new GossipsubOptions().DefaultRules,
        new GossipsubOptions().DefaultMesh);
}
