namespace Pmq.Libp2p.Multistream;

/// <summary>What one negotiation may cost.</summary>
internal sealed record MultistreamLimits
{
    /// <summary>The longest token in bytes, its newline included. Default 1024, as go and js have it.</summary>
    public int MaxTokenBytes { get; init; } = 1024;

    /// <summary>Proposals that a listener answers before it gives up on the dialer. Default 32 (arbitrary, may be raised).</summary>
    public int MaxProposals { get; init; } = 32;

    /// <summary>How long a negotiation may take. Default 10 s, as go has it for streams.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The defaults.</summary>
    public static MultistreamLimits Default { get; } = new();
}
