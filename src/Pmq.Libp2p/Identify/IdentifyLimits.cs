namespace Pmq.Libp2p.Identify;

/// <summary>What one identify exchange may cost.</summary>
internal sealed record IdentifyLimits
{
    /// <summary>The longest message accepted, in bytes. Default 8 KiB, as go and js have it.</summary>
    public int MaxMessageBytes { get; init; } = 8 * 1024;

    /// <summary>The longest message sent, in bytes. Default 4096: rust accepts no more.</summary>
    public int MaxSentMessageBytes { get; init; } = 4096;

    /// <summary>Messages of one exchange. Default 10, as go and js have it.</summary>
    public int MaxMessages { get; init; } = 10;

    /// <summary>Protocols of one peer; more break identify. Default 1024, as go has it.</summary>
    public int MaxProtocols { get; init; } = 1024;

    /// <summary>Addresses of one peer; what is beyond is left out. Default 64.</summary>
    public int MaxAddresses { get; init; } = 64;

    /// <summary>Bytes of each version string; what is beyond is cut off. Default 256 (arbitrary, may be raised).</summary>
    public int MaxVersionBytes { get; init; } = 256;

    /// <summary>The longest protocol id, in bytes; longer ones cannot be negotiated and are left out. Default 1023.</summary>
    public int MaxProtocolBytes { get; init; } = 1023;

    /// <summary>The defaults.</summary>
    public static IdentifyLimits Default { get; } = new();
}
