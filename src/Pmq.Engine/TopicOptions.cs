using Pmq.Gossipsub;

namespace Pmq.Engine;

/// <summary>What a topic does otherwise than the peer's options say; null takes theirs.</summary>
public sealed record TopicOptions
{
    /// <summary>The signature policy of the topic.</summary>
    public SignaturePolicy? SignaturePolicy { get; init; }

    /// <summary>Whether the topic's messages wait for a verifier.</summary>
    public ValidationMode? Validation { get; init; }

    /// <summary>Messages of the topic that wait for their signature check or verdict; 1 to 1,000,000.</summary>
    public int? ValidationQueueSize { get; init; }
}
