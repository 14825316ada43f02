using System.Buffers;
using Pmq.Core.Identity;

namespace Pmq.Gossipsub.Messages;

/// <summary>Judges the signature of a message under strict signing (pubsub specification, "Message Signing").</summary>
public static class MessageVerifier
{
    /// <summary>Bytes of a sequence number: big endian, rising.</summary>
    internal const int SequenceNumberLength = 8;

    /// <summary>What stands before the message in what is signed.</summary>
    internal static ReadOnlySpan<byte> SignaturePrefix => "libp2p-pubsub:"u8;

    /// <summary>
    /// Whether the author in <c>from</c> signed <paramref name="message"/>. Pure and thread-safe: it runs on the
    /// topic's workers, and its result goes back by <see cref="GossipsubRouter.OnSignature"/>.
    /// </summary>
    public static SignatureVerdict Verify(GossipMessage message)
    {
        if (!PeerId.TryFromBytes(message.From.Span, out PeerId? author) || author is null)
        {
            return SignatureVerdict.Invalid;
        }

        PublicKey? key = author.InlinedPublicKey;
        if (!message.PublicKey.IsEmpty
            && (!PublicKey.TryDecode(message.PublicKey, out key) || key is null
                || !PeerId.FromPublicKey(key).Equals(author)))
        {
            return SignatureVerdict.Invalid;
        }

        return key is null ? SignatureVerdict.Invalid : Verify(key, message);
    }

    private static SignatureVerdict Verify(PublicKey key, GossipMessage message)
    {
        int length = SignaturePrefix.Length + message.Signed.Length;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            SignaturePrefix.CopyTo(buffer);
            message.Signed.CopyTo(buffer.AsSpan(SignaturePrefix.Length));
            return key.Verify(buffer.AsSpan(0, length), message.Signature);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
