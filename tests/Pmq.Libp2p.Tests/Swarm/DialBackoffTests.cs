using Pmq.Core.Addresses;
using Pmq.Core.Identity;
using Pmq.Libp2p.Swarm;

namespace Pmq.Libp2p.Tests.Swarm;

public sealed class DialBackoffTests
{
    private static readonly Multiaddr Address = Multiaddr.Parse("/ip4/203.0.113.7/tcp/4001");
    private static readonly PeerId Peer = TestPeers.Id(1);

    private readonly DialBackoff _backoff = new(new DialBackoffOptions());

    [Fact]
    public void Each_failure_waits_five_seconds_and_the_square_of_the_failures_before_it()
    {
        TimeSpan now = TimeSpan.FromSeconds(10);
        foreach (int wait in (int[])[5, 6, 9, 14, 21, 30, 41])
        {
            _backoff.Failed(Peer, Address, now);
            Assert.False(_backoff.MayDial(Peer, Address, now + TimeSpan.FromSeconds(wait) - TimeSpan.FromTicks(1)));
            now += TimeSpan.FromSeconds(wait);
            Assert.True(_backoff.MayDial(Peer, Address, now));
        }
    }

    [Fact]
    public void The_wait_ends_at_five_minutes_however_often_it_failed()
    {
        TimeSpan now = TimeSpan.Zero;
        for (int i = 0; i < 40_000; i++)
        {
            _backoff.Failed(Peer, Address, now);
        }

        Assert.False(_backoff.MayDial(Peer, Address, now + TimeSpan.FromSeconds(299)));
        Assert.True(_backoff.MayDial(Peer, Address, now + TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void Success_and_a_sign_of_life_forget_the_failures()
    {
        Multiaddr other = Multiaddr.Parse("/ip4/203.0.113.8/tcp/4001");
        _backoff.Failed(Peer, Address, TimeSpan.Zero);
        _backoff.Failed(Peer, other, TimeSpan.Zero);
        _backoff.Succeeded(Peer, Address);
        Assert.True(_backoff.MayDial(Peer, Address, TimeSpan.Zero));
        Assert.False(_backoff.MayDial(Peer, other, TimeSpan.Zero));
        _backoff.Forgive(Peer);
        Assert.True(_backoff.MayDial(Peer, other, TimeSpan.Zero));
        Assert.Equal(0, _backoff.Count);
    }

    [Fact]
    public void A_failure_of_one_peer_does_not_hold_back_another_at_the_same_address()
    {
        _backoff.Failed(Peer, Address, TimeSpan.Zero);
        Assert.True(_backoff.MayDial(TestPeers.Id(2), Address, TimeSpan.Zero));
    }

    [Fact]
    public void A_failure_of_long_ago_does_not_count_towards_the_next_wait()
    {
        _backoff.Failed(Peer, Address, TimeSpan.Zero);
        TimeSpan later = TimeSpan.FromHours(1);
        _backoff.Failed(Peer, Address, later);
        Assert.True(_backoff.MayDial(Peer, Address, later + TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void The_table_is_bounded_and_forgets_the_oldest_failure()
    {
        var backoff = new DialBackoff(new DialBackoffOptions { MaxEntries = 3 });
        for (int i = 1; i <= 4; i++)
        {
            backoff.Failed(TestPeers.Id(i), Address, TimeSpan.Zero);
        }

        Assert.Equal(3, backoff.Count);
        Assert.True(backoff.MayDial(TestPeers.Id(1), Address, TimeSpan.Zero));
        Assert.False(backoff.MayDial(TestPeers.Id(4), Address, TimeSpan.Zero));
    }
}
