using Pmq.Core.Addresses;
using Pmq.Libp2p.Swarm;

namespace Pmq.Libp2p.Tests.Swarm;

public sealed class PeerStoreTests
{
    // go-libp2p 3486, 3487 and 3494: addresses that go stale.
    [Fact]
    public void An_address_is_good_for_an_hour_after_it_was_last_heard_of()
    {
        var store = new PeerStore(new PeerStoreOptions());
        store.Add(TestPeers.Id(1), [Address(1), Address(2)], TimeSpan.Zero);
        store.Add(TestPeers.Id(1), [Address(1)], TimeSpan.FromMinutes(30));
        Assert.Equal([Address(2), Address(1)], store.Get(TestPeers.Id(1), TimeSpan.FromMinutes(59)));
        Assert.Equal([Address(1)], store.Get(TestPeers.Id(1), TimeSpan.FromMinutes(60)));
        Assert.Empty(store.Get(TestPeers.Id(1), TimeSpan.FromMinutes(90)));
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void A_peer_has_at_most_64_addresses_and_the_oldest_gives_way()
    {
        var store = new PeerStore(new PeerStoreOptions());
        store.Add(TestPeers.Id(1), Enumerable.Range(1, 100).Select(Address), TimeSpan.Zero);
        IReadOnlyList<Multiaddr> known = store.Get(TestPeers.Id(1), TimeSpan.Zero);
        Assert.Equal(64, known.Count);
        Assert.Equal(Address(100), known[^1]);
    }

    // CVE-2023-40583, go-libp2p 3486, 3487 and 3494: an address book without bounds.
    [Fact]
    public void The_peer_that_was_heard_of_longest_ago_gives_way()
    {
        var store = new PeerStore(new PeerStoreOptions { MaxPeers = 2 });
        store.Add(TestPeers.Id(1), [Address(1)], TimeSpan.Zero);
        store.Add(TestPeers.Id(2), [Address(2)], TimeSpan.Zero);
        store.Add(TestPeers.Id(1), [Address(1)], TimeSpan.Zero);
        store.Add(TestPeers.Id(3), [Address(3)], TimeSpan.Zero);
        Assert.Empty(store.Get(TestPeers.Id(2), TimeSpan.Zero));
        Assert.NotEmpty(store.Get(TestPeers.Id(1), TimeSpan.Zero));
        Assert.Equal(2, store.Count);
    }

    [Fact]
    public void Addresses_are_kept_without_the_peer_and_none_makes_no_entry()
    {
        var store = new PeerStore(new PeerStoreOptions());
        store.Add(TestPeers.Id(1), [], TimeSpan.Zero);
        Assert.Equal(0, store.Count);
        store.Add(TestPeers.Id(1), [Address(1).WithPeer(TestPeers.Id(1)), Address(1)], TimeSpan.Zero);
        Assert.Equal([Address(1)], store.Get(TestPeers.Id(1), TimeSpan.Zero));
    }

    private static Multiaddr Address(int port) => Multiaddr.Parse($"/ip4/203.0.113.7/tcp/{port}");
}
