using System.Globalization;
using System.Net;
using Pmq.Libp2p.Swarm;

namespace Pmq.Libp2p.Tests.Swarm;

public sealed class InboundGateTests
{
    private static readonly TimeSpan Start = TimeSpan.FromMinutes(1);
    private static readonly InboundLimits NoRates = new()
    {
        BurstPerAddress = 10_000,
        BurstPerNetwork = 10_000,
        MaxHandshakes = 10_000,
        MaxHandshakesPerAddress = 10_000,
    };

    [Fact]
    public void The_total_is_bounded_and_loopback_counts_towards_it()
    {
        var gate = new InboundGate(NoRates with { MaxConnections = 3 });
        Assert.Equal(AcceptVerdict.Accepted, gate.TryAccept(IPAddress.Loopback, Start));
        Assert.Equal(AcceptVerdict.Accepted, gate.TryAccept(null, Start));
        Assert.Equal(AcceptVerdict.Accepted, gate.TryAccept(Ip("1.2.3.4"), Start));
        Assert.Equal(AcceptVerdict.TooManyConnections, gate.TryAccept(IPAddress.IPv6Loopback, Start));
        gate.Upgraded(null);
        gate.Closed(null);
        Assert.Equal(AcceptVerdict.Accepted, gate.TryAccept(IPAddress.IPv6Loopback, Start));
    }

    [Fact]
    public void One_IPv4_address_gets_eight_connections_and_another_is_not_disturbed()
    {
        var gate = new InboundGate(NoRates);
        Assert.Equal(8, AcceptAll(gate, _ => Ip("203.0.113.7"), 20));
        Assert.Equal(AcceptVerdict.TooManyFromAddress, gate.TryAccept(Ip("203.0.113.7"), Start));
        Assert.Equal(AcceptVerdict.TooManyFromAddress, gate.TryAccept(Ip("::ffff:203.0.113.7"), Start));
        Assert.Equal(AcceptVerdict.Accepted, gate.TryAccept(Ip("203.0.113.8"), Start));
        gate.Upgraded(Ip("203.0.113.7"));
        gate.Closed(Ip("203.0.113.7"));
        Assert.Equal(AcceptVerdict.Accepted, gate.TryAccept(Ip("203.0.113.7"), Start));
    }

    [Fact]
    public void One_IPv6_56_gets_eight_connections_whatever_addresses_it_uses()
    {
        var gate = new InboundGate(NoRates);
        Assert.Equal(8, AcceptAll(gate, i => Ip($"2001:db8:1:{i:x}::{i:x}"), 20));
        Assert.Equal(AcceptVerdict.Accepted, gate.TryAccept(Ip("2001:db8:1:100::1"), Start));
    }

    [Fact]
    public void One_IPv6_48_gets_sixty_four_connections()
    {
        var gate = new InboundGate(NoRates);
        Assert.Equal(64, AcceptAll(gate, i => Ip($"2001:db8:1:{i % 256:x2}00::1"), 200));
        Assert.Equal(AcceptVerdict.Accepted, gate.TryAccept(Ip("2001:db8:2::1"), Start));
    }

    [Fact]
    public void Handshakes_in_flight_are_bounded_in_all_and_by_address_and_free_their_slot()
    {
        var gate = new InboundGate(new InboundLimits());
        Assert.Equal(4, AcceptAll(gate, _ => Ip("203.0.113.7"), 10));
        Assert.Equal(AcceptVerdict.TooManyHandshakesFromAddress, gate.TryAccept(Ip("203.0.113.7"), Start));
        gate.Upgraded(Ip("203.0.113.7"));
        Assert.Equal(AcceptVerdict.Accepted, gate.TryAccept(Ip("203.0.113.7"), Start));
        Assert.Equal(60, AcceptAll(gate, i => Ip($"10.0.{i / 250}.{i % 250}"), 100));
        Assert.Equal(AcceptVerdict.TooManyHandshakes, gate.TryAccept(IPAddress.Loopback, Start));
    }

    [Fact]
    public void An_address_comes_sixteen_times_at_once_and_then_every_five_seconds()
    {
        var gate = new InboundGate(new InboundLimits());
        Assert.Equal(16, ComeAndGo(gate, Ip("203.0.113.7"), 40, Start));
        Assert.Equal(AcceptVerdict.TooFast, gate.TryAccept(Ip("203.0.113.7"), Start + TimeSpan.FromSeconds(4.9)));
        Assert.Equal(1, ComeAndGo(gate, Ip("203.0.113.7"), 5, Start + TimeSpan.FromSeconds(5)));
        Assert.Equal(16, ComeAndGo(gate, Ip("203.0.113.7"), 40, Start + TimeSpan.FromHours(1)));
    }

    [Fact]
    public void A_48_comes_eighty_times_at_once_and_what_its_56_refuses_costs_it_nothing()
    {
        var gate = new InboundGate(new InboundLimits());
        Assert.Equal(16, ComeAndGo(gate, Ip("2001:db8:1::1"), 1000, Start));
        int others = Enumerable.Range(1, 100).Sum(i => ComeAndGo(gate, Ip($"2001:db8:1:{i:x}00::1"), 1, Start));
        Assert.Equal(64, others);
        Assert.Equal(AcceptVerdict.TooFast, gate.TryAccept(Ip("2001:db8:1:ff00::1"), Start));
        Assert.Equal(AcceptVerdict.Accepted, gate.TryAccept(Ip("2001:db8:1:ff00::1"), Start + TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void Loopback_is_exempt_from_limits_by_address()
    {
        var gate = new InboundGate(new InboundLimits());
        Assert.Equal(100, ComeAndGo(gate, IPAddress.Loopback, 100, Start));
        Assert.Equal(100, ComeAndGo(gate, Ip("::ffff:127.0.0.1"), 100, Start));
        Assert.Equal(64, AcceptAll(gate, _ => IPAddress.IPv6Loopback, 100));
    }

    [Fact]
    public void A_flood_of_addresses_is_forgotten_but_open_connections_stay_counted()
    {
        var gate = new InboundGate(new InboundLimits { MaxTrackedAddresses = 100 });
        Assert.Equal(AcceptVerdict.Accepted, gate.TryAccept(Ip("203.0.113.7"), Start));
        for (int i = 0; i < 5000; i++)
        {
            ComeAndGo(gate, Ip($"10.{i / 62500 % 250}.{i / 250 % 250}.{i % 250}"), 1, Start);
            Assert.InRange(gate.TrackedAddresses, 1, 100);
        }

        Assert.Equal(1, gate.Connections);
        gate.Upgraded(Ip("203.0.113.7"));
        gate.Closed(Ip("203.0.113.7"));
        Assert.Equal(0, gate.Connections);
    }

    private static IPAddress Ip(FormattableString text) => IPAddress.Parse(text.ToString(CultureInfo.InvariantCulture));

    private static IPAddress Ip(string text) => IPAddress.Parse(text);

    private static int AcceptAll(InboundGate gate, Func<int, IPAddress> address, int count) =>
        Enumerable.Range(0, count).Count(i => gate.TryAccept(address(i), Start) == AcceptVerdict.Accepted);

    private static int ComeAndGo(InboundGate gate, IPAddress address, int count, TimeSpan now)
    {
        int accepted = 0;
        for (int i = 0; i < count; i++)
        {
            if (gate.TryAccept(address, now) == AcceptVerdict.Accepted)
            {
                accepted++;
                gate.Upgraded(address);
                gate.Closed(address);
            }
        }

        return accepted;
    }
}
