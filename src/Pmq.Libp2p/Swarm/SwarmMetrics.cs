using System.Diagnostics;
using System.Diagnostics.Metrics;
using Pmq.Core.Hosting;
using Pmq.Libp2p.Upgrade;

namespace Pmq.Libp2p.Swarm;

/// <summary>What the swarm counts, under the meter <c>Pmq.Libp2p</c>.</summary>
internal sealed class SwarmMetrics : IDisposable
{
    private readonly Meter? _owned;
    private readonly UpDownCounter<int> _connections;
    private readonly Counter<long> _closes;
    private readonly Counter<long> _dials;
    private readonly Counter<long> _accepts;
    private readonly Counter<long> _upgrades;
    private readonly Histogram<double> _upgradeDuration;
    private readonly Counter<long> _streams;
    private readonly Counter<long> _identify;
    private readonly Counter<long> _observerFaults;

    /// <summary>Makes the instruments; without a factory on a meter of its own.</summary>
    public SwarmMetrics(IMeterFactory? factory)
    {
        _owned = factory is null ? new Meter("Pmq.Libp2p") : null;
        Meter meter = _owned ?? factory!.Create("Pmq.Libp2p");
        _connections = meter.CreateUpDownCounter<int>(
            "pmq.swarm.connection.count", "{connection}", "Open connections, by direction.");
        _closes = meter.CreateCounter<long>("pmq.swarm.closes", "{connection}", "Connections that ended, by kind.");
        _dials = meter.CreateCounter<long>("pmq.swarm.dials", "{dial}", "Dials of a peer, by outcome.");
        _accepts = meter.CreateCounter<long>(
            "pmq.swarm.accepts", "{connection}", "Inbound transport connections, by what the limits said.");
        _upgrades = meter.CreateCounter<long>("pmq.swarm.upgrades", "{upgrade}", "Upgrades, by direction and outcome.");
        _upgradeDuration = meter.CreateHistogram<double>(
            "pmq.swarm.upgrade.duration", "s", "From the transport connection to the multiplexed one.");
        _streams = meter.CreateCounter<long>("pmq.swarm.streams", "{stream}", "Inbound streams, by outcome.");
        _identify = meter.CreateCounter<long>("pmq.swarm.identify", "{exchange}", "Identify exchanges and pushes, by outcome.");
        _observerFaults = meter.CreateCounter<long>(
            "pmq.swarm.observer.faults", "{call}", "Callbacks of observers that threw.");
    }

    /// <summary>A connection is open.</summary>
    public void Opened(ConnectionDirection direction) => _connections.Add(1, Tag("direction", Name(direction)));

    /// <summary>An open connection has ended.</summary>
    public void Closed(ConnectionDirection direction, CloseKind kind)
    {
        _connections.Add(-1, Tag("direction", Name(direction)));
        _closes.Add(1, Tag("kind", kind.ToString()));
    }

    /// <summary>A dial has ended; null is success.</summary>
    public void Dialed(DialFault? fault) => _dials.Add(1, Tag("outcome", fault?.ToString() ?? "Connected"));

    /// <summary>A transport connection was accepted or refused.</summary>
    public void Accepted(string verdict) => _accepts.Add(1, Tag("verdict", verdict));

    /// <summary>An upgrade has ended.</summary>
    public void Upgraded(ConnectionDirection direction, UpgradeFault fault, TimeSpan duration)
    {
        var tags = new TagList { Tag("direction", Name(direction)), Tag("outcome", fault.ToString()) };
        _upgrades.Add(1, tags);
        _upgradeDuration.Record(duration.TotalSeconds, tags);
    }

    /// <summary>An inbound stream was served or not.</summary>
    public void Stream(StreamOutcome outcome) => _streams.Add(1, Tag("outcome", outcome.ToString()));

    /// <summary>An identify exchange has ended.</summary>
    public void Identify(string outcome) => _identify.Add(1, Tag("outcome", outcome));

    /// <summary>An observer threw.</summary>
    public void ObserverFaulted() => _observerFaults.Add(1);

    /// <inheritdoc />
    public void Dispose() => _owned?.Dispose();

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private static string Name(ConnectionDirection direction) =>
        direction == ConnectionDirection.Inbound ? "inbound" : "outbound";
}
