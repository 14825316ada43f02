using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pmq.Core.Addresses;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Noise;
using Pmq.Libp2p.Swarm;
using Pmq.Libp2p.Transport;
using Pmq.Libp2p.Transport.Memory;
using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p;

/// <summary>How a <see cref="Libp2pHost"/> runs, and what it may cost.</summary>
public sealed record Libp2pHostOptions
{
    /// <summary>Who the host is. Stays the caller's: dispose it after the host.</summary>
    public required PrivateKey Identity { get; init; }

    /// <summary>Where to listen: ip4 or ip6 with tcp (port 0 picks a free one), or <c>/memory/N</c>. Default: nowhere.</summary>
    public IReadOnlyList<Multiaddr> ListenAddresses { get; init; } = [];

    /// <summary>What identify tells after <c>p2pmq/</c>, at most 200 characters. Default empty: <c>p2pmq</c> alone.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>Whether <c>/ipfs/ping/1.0.0</c> is not served. Default false.</summary>
    public bool DisablePing { get; init; }

    /// <summary>How long <see cref="Libp2pHost.ConnectAsync(PeerId, IReadOnlyList{Multiaddr}, CancellationToken)"/> tries. Default 15 s, as go has it.</summary>
    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an address is tried alone before the next one is tried beside it. Default 250 ms (RFC 8305 §8).</summary>
    public TimeSpan DialStagger { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Addresses of one peer that are dialed at once. Default 8, as go has it.</summary>
    public int MaxDialsPerPeer { get; init; } = 8;

    /// <summary>Peers that are dialed at once. Default 64 (arbitrary, may be raised).</summary>
    public int MaxDials { get; init; } = 64;

    /// <summary>Dials that wait for their turn; more fail with a limit. Default 512; js has 500.</summary>
    public int MaxQueuedDials { get; init; } = 512;

    /// <summary>Addresses that are considered in one dial; the rest is left out. Default 64.</summary>
    public int MaxAddressesPerDial { get; init; } = 64;

    /// <summary>How long an address is left alone after it failed.</summary>
    public DialBackoffOptions DialBackoff { get; init; } = new();

    /// <summary>From accept, or from the transport connection of a dial, to the multiplexed connection. Default 10 s, as js has it.</summary>
    public TimeSpan UpgradeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What inbound connections may cost before anybody is authenticated.</summary>
    public InboundLimits Inbound { get; init; } = new();

    /// <summary>
    /// Connections to one peer, at least 2: a peer that lost its end of one must be able to come back. Default 2.
    /// </summary>
    public int MaxConnectionsPerPeer { get; init; } = 2;

    /// <summary>Inbound streams of one peer and protocol; more are reset. Default 64, as go has it; identify and ping have less.</summary>
    public int MaxInboundStreamsPerProtocol { get; init; } = 64;

    /// <summary>
    /// Inbound streams of all peers together, from accept to the end of their handlers; more are reset, but for those of a
    /// connection that has less than its share (this over <see cref="InboundLimits.MaxConnections"/>), so that nobody
    /// takes the last one from the others. Default 8192 (arbitrary, may be raised; go has 4096 on a machine of 3 GB).
    /// </summary>
    public int MaxInboundStreams { get; init; } = 8192;

    /// <summary>How long the protocol of a stream may be negotiated. Default 10 s, as go has it.</summary>
    public TimeSpan StreamNegotiationTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one identify exchange may take. Default 5 s, as go has it.</summary>
    public TimeSpan IdentifyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long disposing may take; what still runs is then aborted. Default 2 s.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How much is remembered of where peers can be dialed.</summary>
    public PeerStoreOptions PeerStore { get; init; } = new();

    /// <summary>Who may be dialed and may connect. Default: everybody.</summary>
    public IConnectionGater Gater { get; init; } = OpenGater.Instance;

    /// <summary>The network of <c>/memory/N</c> addresses. Default <see cref="MemoryNetwork.Shared"/>.</summary>
    public MemoryNetwork MemoryNetwork { get; init; } = MemoryNetwork.Shared;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where key material comes from. Default: the operating system.</summary>
    public IEntropySource Entropy { get; init; } = SystemEntropy.Instance;

    /// <summary>Logs.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Metrics, under the meter <c>Pmq.Libp2p</c>; null makes a meter of its own.</summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>The transports; null takes TCP and memory.</summary>
    internal IReadOnlyList<ITransport>? Transports { get; init; }

    /// <summary>Limits of the handshake.</summary>
    internal NoiseOptions Noise { get; init; } = NoiseOptions.Default;

    /// <summary>Limits and timers of the muxer.</summary>
    internal YamuxOptions Yamux { get; init; } = YamuxOptions.Default;

    /// <summary>Whether the muxer is agreed within the handshake where the peer can.</summary>
    internal bool EarlyMuxer { get; init; } = true;

    /// <summary>Whether every new connection is asked who it is. Without it the handshake alone can be measured.</summary>
    internal bool AskIdentify { get; init; } = true;

    /// <summary>Checks ranges and relations.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it and what would be right.</exception>
    internal void Validate()
    {
        Positive(DialTimeout, nameof(DialTimeout));
        Positive(DialStagger, nameof(DialStagger));
        Positive(UpgradeTimeout, nameof(UpgradeTimeout));
        Positive(StreamNegotiationTimeout, nameof(StreamNegotiationTimeout));
        Positive(IdentifyTimeout, nameof(IdentifyTimeout));
        Positive(ShutdownTimeout, nameof(ShutdownTimeout));
        AtLeast(MaxDialsPerPeer, 1, nameof(MaxDialsPerPeer));
        AtLeast(MaxDials, 1, nameof(MaxDials));
        AtLeast(MaxQueuedDials, 0, nameof(MaxQueuedDials));
        AtLeast(MaxAddressesPerDial, 1, nameof(MaxAddressesPerDial));
        AtLeast(MaxConnectionsPerPeer, 2, nameof(MaxConnectionsPerPeer));
        AtLeast(MaxInboundStreamsPerProtocol, 1, nameof(MaxInboundStreamsPerProtocol));
        AtLeast(MaxInboundStreams, 1, nameof(MaxInboundStreams));
        AtLeast(Inbound.MaxConnections, 1, "Inbound.MaxConnections");
        AtLeast(Inbound.MaxHandshakes, 1, "Inbound.MaxHandshakes");
        AtLeast(Inbound.MaxTrackedAddresses, 16, "Inbound.MaxTrackedAddresses");
        AtLeast(PeerStore.MaxPeers, 1, "PeerStore.MaxPeers");
        AtLeast(PeerStore.MaxAddressesPerPeer, 1, "PeerStore.MaxAddressesPerPeer");
        AtLeast(DialBackoff.MaxEntries, 1, "DialBackoff.MaxEntries");
        if (UserAgent.Length > 200)
        {
            throw new ArgumentException($"UserAgent has {UserAgent.Length} characters; at most 200 are told by identify.");
        }
    }

    private static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero)
        {
            throw new ArgumentException($"{name} is {value}; it must be above zero.");
        }
    }

    private static void AtLeast(int value, int least, string name)
    {
        if (value < least)
        {
            throw new ArgumentException($"{name} is {value}; it must be at least {least}.");
        }
    }
}
