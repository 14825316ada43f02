using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;

namespace Pmq.Engine;

/// <summary>What a topic does otherwise than the peer's options say; null takes theirs.</summary>
public sealed record TopicOptions
{
    /// <summary>The signature policy of the topic.</summary>
    public SignaturePolicy? SignaturePolicy { get; init; }

    /// <summary>Whether the topic's messages wait for a verifier.</summary>
    public ValidationMode? Validation { get; init; }

    /// <summary>How the id of a message follows from its data.</summary>
    public MessageIdOptions? MessageId { get; init; }

    /// <summary>
    /// Messages of the topic that wait for a verdict: 1 to <see cref="GossipsubOptions.MaxPendingPerTopic"/>, which
    /// holds when this is not set.
    /// </summary>
    public int? ValidationQueueSize { get; init; }
}
