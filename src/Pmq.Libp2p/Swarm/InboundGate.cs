using System.Net;
using System.Runtime.InteropServices;
using Pmq.Core.Runtime;

namespace Pmq.Libp2p.Swarm;

/// <summary>
/// Decides by counts and rates which inbound transport connections may begin a handshake. A pure core: one owner, told
/// the time. Each accepted connection is given back once by <see cref="Closed"/>, its handshake by <see cref="Upgraded"/>.
/// </summary>
internal sealed class InboundGate(InboundLimits limits)
{
    private readonly Dictionary<AddressGroup, Origin> _origins = [];
    private int _connections;
    private int _handshakes;

    /// <summary>Inbound connections, from accept to close.</summary>
    public int Connections => _connections;

    /// <summary>Handshakes in flight.</summary>
    public int Handshakes => _handshakes;

    /// <summary>Addresses and networks remembered.</summary>
    public int TrackedAddresses => _origins.Count;

    /// <summary>Takes a slot for a connection of <paramref name="remote"/>; null, or loopback, is exempt from limits per address.</summary>
    public AcceptVerdict TryAccept(IPAddress? remote, TimeSpan now)
    {
        if (_connections >= limits.MaxConnections)
        {
            return AcceptVerdict.TooManyConnections;
        }

        if (_handshakes >= limits.MaxHandshakes)
        {
            return AcceptVerdict.TooManyHandshakes;
        }

        if (!IsExempt(remote))
        {
            // The narrow origin is asked before the wide one, so that what it refuses does not drain the wide one's rate.
            AcceptVerdict verdict = Check(remote!, now);
            if (verdict != AcceptVerdict.Accepted)
            {
                return verdict;
            }

            Count(AddressGroup.OfAddress(remote!));
            if (AddressGroup.OfNetwork(remote!) is { } network)
            {
                Count(network);
            }
        }

        _connections++;
        _handshakes++;
        return AcceptVerdict.Accepted;
    }

    /// <summary>The handshake of an accepted connection has ended, well or not.</summary>
    public void Upgraded(IPAddress? remote)
    {
        _handshakes--;
        Invariant.Check(_handshakes >= 0);
        ForEachOrigin(remote, static origin => origin with { Handshakes = origin.Handshakes - 1 });
    }

    /// <summary>An accepted connection, whose handshake has ended, is closed.</summary>
    public void Closed(IPAddress? remote)
    {
        _connections--;
        Invariant.Check(_connections >= _handshakes);
        ForEachOrigin(remote, static origin => origin with { Connections = origin.Connections - 1 });
    }

    private static bool IsExempt(IPAddress? remote) =>
        remote is null || IPAddress.IsLoopback(remote)
        || (remote.IsIPv4MappedToIPv6 && IPAddress.IsLoopback(remote.MapToIPv4()));

    private AcceptVerdict Check(IPAddress remote, TimeSpan now)
    {
        ref Origin address = ref Find(AddressGroup.OfAddress(remote), limits.BurstPerAddress, now);
        address = address.Refill(now, limits.RatePerAddress, limits.BurstPerAddress);
        AcceptVerdict verdict = address.Connections >= limits.MaxConnectionsPerAddress ? AcceptVerdict.TooManyFromAddress
            : address.Handshakes >= limits.MaxHandshakesPerAddress ? AcceptVerdict.TooManyHandshakesFromAddress
            : address.Tokens < 1 ? AcceptVerdict.TooFast
            : AcceptVerdict.Accepted;
        if (verdict != AcceptVerdict.Accepted || AddressGroup.OfNetwork(remote) is not { } group)
        {
            return verdict;
        }

        ref Origin network = ref Find(group, limits.BurstPerNetwork, now);
        network = network.Refill(now, limits.RatePerNetwork, limits.BurstPerNetwork);
        return network.Connections >= limits.MaxConnectionsPerNetwork ? AcceptVerdict.TooManyFromAddress
            : network.Tokens < 1 ? AcceptVerdict.TooFast
            : AcceptVerdict.Accepted;
    }

    private ref Origin Find(AddressGroup group, int burst, TimeSpan now)
    {
        if (_origins.Count >= limits.MaxTrackedAddresses && !_origins.ContainsKey(group))
        {
            Forget();
        }

        ref Origin origin = ref CollectionsMarshal.GetValueRefOrAddDefault(_origins, group, out bool exists);
        if (!exists)
        {
            origin = new Origin(0, 0, burst, now);
        }

        return ref origin;
    }

    private void Count(AddressGroup group)
    {
        ref Origin origin = ref CollectionsMarshal.GetValueRefOrAddDefault(_origins, group, out _);
        origin = new Origin(origin.Connections + 1, origin.Handshakes + 1, origin.Tokens - 1, origin.RefilledAt);
    }

    /// <summary>Forgets who has nothing open: their rates start anew, while the total still bounds them.</summary>
    private void Forget()
    {
        foreach ((AddressGroup group, Origin origin) in _origins)
        {
            if (origin.Connections == 0)
            {
                _origins.Remove(group);
            }
        }
    }

    private void ForEachOrigin(IPAddress? remote, Func<Origin, Origin> change)
    {
        if (IsExempt(remote))
        {
            return;
        }

        Change(AddressGroup.OfAddress(remote!), change);
        if (AddressGroup.OfNetwork(remote!) is { } network)
        {
            Change(network, change);
        }
    }

    private void Change(AddressGroup group, Func<Origin, Origin> change)
    {
        ref Origin origin = ref CollectionsMarshal.GetValueRefOrNullRef(_origins, group);
        origin = change(origin);
        Invariant.Check(origin.Connections >= 0 && origin.Handshakes >= 0);
    }

    /// <summary>What is open of one origin, and its token bucket.</summary>
    private readonly record struct Origin(int Connections, int Handshakes, double Tokens, TimeSpan RefilledAt)
    {
        public Origin Refill(TimeSpan now, double rate, int burst) => this with
        {
            Tokens = Math.Min(burst, Tokens + ((now - RefilledAt).TotalSeconds * rate)),
            RefilledAt = now,
        };
    }
}
