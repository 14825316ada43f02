namespace Pmq.Libp2p.Swarm;

/// <summary>How much is remembered of where peers can be dialed.</summary>
public sealed record PeerStoreOptions
{
    /// <summary>Addresses of one peer; the oldest gives way. Default 64, as go has it for peers without a connection.</summary>
    public int MaxAddressesPerPeer { get; init; } = 64;

    /// <summary>Peers; the one that was heard of longest ago gives way. Default 10,000 (arbitrary, may be raised).</summary>
    public int MaxPeers { get; init; } = 10_000;

    /// <summary>How long an address is good for after it was last heard of. Default 1 h, as go has it.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromHours(1);
}
