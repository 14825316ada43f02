using Pmq.Engine.Validation;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Engine.Gossip;

/// <summary>What the driver needs of the peer's options, after they were checked.</summary>
internal sealed record DriverOptions
{
    public required GossipsubOptions Gossipsub { get; init; }

    /// <summary>Whether messages of a topic wait for a verifier.</summary>
    public required Func<string, ValidationMode> ValidationOf { get; init; }

    /// <summary>Messages of a topic that wait for a verdict.</summary>
    public required Func<string, int> MaxPendingOf { get; init; }

    /// <summary>How messages of a topic are examined.</summary>
    public required Func<string, VerificationRules> VerificationOf { get; init; }

    /// <summary>The longest time that any topic's message waits for its verdict.</summary>
    public required TimeSpan LongestVerdictTimeout { get; init; }

    public required bool ValidateOwn { get; init; }

    /// <summary>The bounds of what waits for one peer.</summary>
    public required OutboundOptions Outbound { get; init; }

    public required int InboundQueueBytes { get; init; }

    /// <summary>Where events go; null traces nothing.</summary>
    public ITraceSink? Trace { get; init; }

    /// <summary>Publications that wait for the router at once; more callers wait before they are let in.</summary>
    public int MaxWaitingPublications { get; init; } = 1024;

    /// <summary>Bytes of one peer's payload in one round of the payload lane.</summary>
    public int Quantum { get; init; } = 64 * 1024;

    /// <summary>Bytes of payload in one turn, before verdicts and control are looked at again.</summary>
    public int TurnBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// The first wait before an outbound stream that broke is opened again; it doubles up to the longest.
    /// </summary>
    public TimeSpan ReopenMinDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest such wait (go-libp2p-pubsub's dead peer backoff).</summary>
    public TimeSpan ReopenMaxDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a connected peer may go without an outbound stream before it loses its places in the meshes. Default
    /// 5 s (arbitrary): longer than a stream takes to open again on any network that can be used.
    /// </summary>
    public TimeSpan StreamGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How peers are dialed that the router wants.</summary>
    public ConnectorOptions Connector { get; init; } = new();

    /// <summary>Loops that check signatures.</summary>
    public int SignatureWorkers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 16);
}
