using System.Buffers;
using System.Buffers.Binary;
using Pmq.Core.Identity;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Messages;

/// <summary>
/// Makes our own messages: id, signature where the topic wants one, encoding. Thread-safe, so that callers sign on
/// their own threads.
/// </summary>
public sealed class MessageComposer
{
    private readonly GossipsubOptions _options;
    private readonly PrivateKey _identity;
    private readonly byte[] _from;
    private readonly byte[] _key;
    private readonly int _signatureLength;

    /// <summary>
    /// A composer for the peer that owns <paramref name="identity"/>, which is borrowed as long as it is used.
    /// </summary>
    public MessageComposer(GossipsubOptions options, PrivateKey identity)
    {
        _options = options;
        _identity = identity;
        PeerId author = PeerId.FromPublicKey(identity.PublicKey);
        _from = author.Bytes.ToArray();

        // The key is left out when it is inlined in the peer id, as others do.
        _key = author.InlinedPublicKey is null ? identity.PublicKey.Protobuf.ToArray() : [];
        _signatureLength = MaxSignatureLength(identity.PublicKey.Type);
    }

    /// <summary>The most bytes of data that a message on <paramref name="topic"/> can carry; may be 0.</summary>
    public int MaxDataLength(string topic)
    {
        scoped MessageFields fields = new() { Topic = System.Text.Encoding.UTF8.GetBytes(topic) };
        Span<byte> number = stackalloc byte[MessageVerifier.SequenceNumberLength];
        Span<byte> signature = stackalloc byte[_signatureLength];
        if (_options.RulesOf(topic).SignaturePolicy == SignaturePolicy.StrictSign)
        {
            fields.From = _from;
            fields.SequenceNumber = number;
            fields.Signature = signature;
            fields.Key = _key;
        }

        int most = _options.MaxSizeOf(_options.RulesOf(topic));
        int length = most;
        while (length > 0 && MessageEncoding.RpcSizeOf(fields, length) is int size && size > most)
        {
            length = Math.Max(0, length - (size - most));
        }

        return length;
    }

    /// <summary>Makes a message of a copy of <paramref name="data"/>.</summary>
    /// <param name="topic">The topic, joined or not.</param>
    /// <param name="data">Copied before the call returns.</param>
    /// <param name="sequenceNumber">
    /// Rises with each message of this author, over restarts too: start it at the Unix time in nanoseconds. Not sent
    /// without strict signing.
    /// </param>
    /// <param name="message">The message; null with a fault.</param>
    public ComposeFault TryCompose(
        string topic, ReadOnlySpan<byte> data, ulong sequenceNumber, out GossipMessage? message)
    {
        message = null;
        if (data.IsEmpty)
        {
            return ComposeFault.EmptyData;
        }

        if (!TopicNames.TryEncode(topic, _options, out byte[] name))
        {
            return ComposeFault.BadTopic;
        }

        TopicRules rules = _options.RulesOf(topic);
        int most = _options.MaxSizeOf(rules);
        if (data.Length > most)
        {
            return ComposeFault.TooLarge;
        }

        Span<byte> number = stackalloc byte[MessageVerifier.SequenceNumberLength];
        scoped MessageFields fields = new() { Data = data, Topic = name };
        if (rules.SignaturePolicy == SignaturePolicy.StrictSign)
        {
            BinaryPrimitives.WriteUInt64BigEndian(number, sequenceNumber);
            fields.From = _from;
            fields.SequenceNumber = number;
            fields.Key = _key;
            fields.Signature = Sign(fields);
        }

        if (MessageEncoding.RpcSizeOf(fields) > most)
        {
            return ComposeFault.TooLarge;
        }

        MessageId id = rules.MessageId.Compute(data);
        MessageId told = data.Length >= _options.IDontWantThreshold ? id : default;
        byte[] frame = MessageEncoding.Encode(fields, told, out MessageEncoding encoding);
        message = new GossipMessage(topic, id, rules.SignaturePolicy, null, frame, encoding);
        return ComposeFault.None;
    }

    private byte[] Sign(in MessageFields fields)
    {
        int prefix = MessageVerifier.SignaturePrefix.Length;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(prefix + MessageEncoding.SizeOfSigned(fields));
        try
        {
            MessageVerifier.SignaturePrefix.CopyTo(buffer);
            int length = MessageEncoding.WriteSigned(buffer.AsSpan(prefix), fields);
            return _identity.Sign(buffer.AsSpan(0, prefix + length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Ed25519: 64 bytes. ECDSA and secp256k1: DER of two 33-byte integers, at most 72.
    private static int MaxSignatureLength(KeyType type) => type == KeyType.Ed25519 ? 64 : 72;
}
