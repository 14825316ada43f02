namespace Pmq.Libp2p.Noise;

/// <summary>Limits of the Noise handshake and of the cipher states it leaves.</summary>
internal sealed record NoiseOptions
{
    /// <summary>The defaults.</summary>
    public static NoiseOptions Default { get; } = new();

    /// <summary>
    /// The largest handshake payload accepted, in bytes before encryption; 1 to 65,439. Default 4,096: an 8,192-bit RSA
    /// key, its signature and a long list of muxers fit.
    /// </summary>
    public int MaxPayloadBytes { get; init; } = 4096;

    /// <summary>
    /// The number of muxers in a peer's list above which the list is ignored, and the muxer negotiated by
    /// multistream-select; at least 0. Default 100, as go-libp2p.
    /// </summary>
    public int MaxMuxers { get; init; } = 100;

    /// <summary>
    /// The number of messages after which a direction ends, since its nonce may not wrap; 1 to 2^64 − 1. Default
    /// 2^64 − 1 (Noise specification §5.1 reserves the last nonce).
    /// </summary>
    public ulong MaxMessagesPerKey { get; init; } = ulong.MaxValue;
}
