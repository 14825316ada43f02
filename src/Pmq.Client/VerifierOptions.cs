namespace Pmq.Client;

/// <summary>What a verifier judges, and how much at once.</summary>
public sealed class VerifierOptions
{
    /// <summary>The topics; empty means all.</summary>
    public IReadOnlyList<string> Topics { get; set; } = [];

    /// <summary>Messages judged at once; more wait at the agent. Default 256 (arbitrary).</summary>
    public int MaxConcurrency { get; set; } = 256;
}
