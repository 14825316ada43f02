namespace Pmq.Engine;

/// <summary>What a verifier serves.</summary>
public sealed record VerifierOptions
{
    /// <summary>A name for logs and metrics, as <c>grpc 127.0.0.1:51324</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The topics it judges; empty means all.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>
    /// A stateless verifier shares its topics with others, the least loaded first. Otherwise (the default) each topic
    /// sticks to one verifier, so that its sequence state does not split.
    /// </summary>
    public bool IsStateless { get; init; }

    /// <summary>Messages handed over and not yet judged; the rest waits in the topics' queues. Default 1024.</summary>
    public int MaxInFlight { get; init; } = 1024;
}
