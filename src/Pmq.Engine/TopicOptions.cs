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

    /// <summary>How long a message of the topic waits for its verdict. Above 0.</summary>
    public TimeSpan? VerdictTimeout { get; init; }

    /// <summary>
    /// Messages of the topic that verifiers are handed before they have judged the first of them, all together. 1 to
    /// 1,000,000; null is what the verifiers take.
    /// </summary>
    public int? VerdictConcurrency { get; init; }

    /// <summary>The sizes of the topic's mesh.</summary>
    public MeshParameters? Mesh { get; init; }

    /// <summary>
    /// The largest message of the topic in bytes, as an RPC of its own: 128 to <see
    /// cref="PmqPeerOptions.MaxMessageSize"/>.
    /// </summary>
    public int? MaxMessageSize { get; init; }
}
