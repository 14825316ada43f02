using Pmq.Core.Identity;

namespace Pmq.Gossipsub.Messages;

/// <summary>Makes our own messages: id, signature where the topic wants one, encoding. Thread-safe, so that callers sign on their own threads.</summary>
public sealed class MessageComposer
{
    /// <summary>A composer for the peer that owns <paramref name="identity"/>.</summary>
    public MessageComposer(GossipsubOptions options, PrivateKey identity) => throw new NotImplementedException();

    /// <summary>The most bytes of data that a message on <paramref name="topic"/> can carry.</summary>
    public int MaxDataLength(string topic) => throw new NotImplementedException();

    /// <summary>Makes a message of a copy of <paramref name="data"/>.</summary>
    /// <param name="topic">The topic, joined or not.</param>
    /// <param name="data">Copied before the call returns.</param>
    /// <param name="sequenceNumber">
    /// Rises with each message of this author, over restarts too: start it at the Unix time in nanoseconds. Not sent without
    /// strict signing.
    /// </param>
    /// <param name="message">The message; null with a fault.</param>
    public ComposeFault TryCompose(string topic, ReadOnlySpan<byte> data, ulong sequenceNumber, out GossipMessage? message) =>
        throw new NotImplementedException();
}
