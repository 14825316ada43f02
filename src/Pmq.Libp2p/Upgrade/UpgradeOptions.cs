using Pmq.Libp2p.Multistream;
using Pmq.Libp2p.Noise;
using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Upgrade;

/// <summary>Limits of the upgrade and of the protocols it stacks.</summary>
internal sealed record UpgradeOptions
{
    /// <summary>From the transport connection to the multiplexed one. Default 10 s; go has 15 s, js 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Limits of the negotiations.</summary>
    public MultistreamLimits Multistream { get; init; } = MultistreamLimits.Default;

    /// <summary>Limits of the handshake.</summary>
    public NoiseOptions Noise { get; init; } = NoiseOptions.Default;

    /// <summary>Limits and timers of the muxer.</summary>
    public YamuxOptions Yamux { get; init; } = YamuxOptions.Default;

    /// <summary>Whether the muxer is agreed within the Noise handshake where the peer can; one round trip less.</summary>
    public bool EarlyMuxer { get; init; } = true;
}
