using Pmq.Core.Identity;

namespace Pmq.Gossipsub.Messages;

/// <summary>Judges the signature of a message under strict signing (pubsub specification, "Message Signing").</summary>
public static class MessageVerifier
{
    /// <summary>
    /// Whether the author in <c>from</c> signed <paramref name="message"/>. Pure and thread-safe: it runs on the topic's
    /// workers, and its result goes back by <see cref="GossipsubRouter.OnSignature"/>.
    /// </summary>
    public static SignatureVerdict Verify(GossipMessage message) => throw new NotImplementedException();
}
