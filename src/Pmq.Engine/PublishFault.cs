namespace Pmq.Engine;

/// <summary>Why a publication or a subscription was refused.</summary>
public enum PublishFault
{
    /// <summary>The data is empty.</summary>
    EmptyData,

    /// <summary>The encoded message exceeds <c>maxMessageSize</c>.</summary>
    TooLarge,

    /// <summary>The topic is empty, longer than the limit, or refused by the subscription filter.</summary>
    BadTopic,

    /// <summary>The publisher's own rate limit.</summary>
    RateLimited,

    /// <summary>The limit on subscribed topics.</summary>
    TooManyTopics,

    /// <summary>Own publications pass the node's verifier, and it did not accept this one.</summary>
    NotAccepted,
}
