namespace Pmq.Gossipsub.Messages;

/// <summary>Why a message cannot be made.</summary>
public enum ComposeFault
{
    /// <summary>It can.</summary>
    None,

    /// <summary>There is no data.</summary>
    EmptyData,

    /// <summary>The encoded RPC would exceed <see cref="GossipsubOptions.MaxMessageSize"/>.</summary>
    TooLarge,

    /// <summary>The topic is empty, too long, no text, or refused by the subscription filter.</summary>
    BadTopic,
}
