namespace Pmq.Gossipsub.Rpc;

/// <summary>Why an RPC was refused whole.</summary>
public enum RpcViolation
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>Not protobuf, or a field has another type than its number says.</summary>
    Malformed,

    /// <summary>More bytes than <c>maxMessageSize</c>.</summary>
    TooLarge,

    /// <summary>More subscriptions than <see cref="RpcLimits.MaxSubscriptions"/>.</summary>
    TooManySubscriptions,

    /// <summary>More messages than <see cref="RpcLimits.MaxMessages"/>.</summary>
    TooManyMessages,

    /// <summary>More control entries than <see cref="RpcLimits.MaxControl"/>.</summary>
    TooManyControlEntries,

    /// <summary>More ids than <see cref="RpcLimits.MaxIds"/>.</summary>
    TooManyIds,

    /// <summary>An id longer than <see cref="RpcLimits.MaxIdLength"/>.</summary>
    IdTooLong,

    /// <summary>More peers in a PRUNE than <see cref="RpcLimits.MaxPeerInfos"/>.</summary>
    TooManyPeerInfos,

    /// <summary>A topic longer than <see cref="RpcLimits.MaxTopicLength"/>.</summary>
    TopicTooLong,

    /// <summary>A topic that is not UTF-8.</summary>
    TopicNotText,
}
