using System.Runtime.CompilerServices;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Messages;

/// <summary>
/// A message in one array: the whole RPC that carries it, length prefix included, encoded once. Delivery, forwarding to
/// every peer and the history all read that array; it is owned by the garbage collector and never written to again, so
/// slices of it may be kept by anyone for as long as they like.
/// </summary>
/// <remarks>
/// The public members are immutable and may be read by any thread; the rest is the router's own state.
/// </remarks>
public sealed class GossipMessage
{
    /// <summary>Peers noted as senders of a waiting message: far more than a mesh has.</summary>
    internal const int MaxSenders = 128;

    // Those of a full mesh (D_hi) need no array beside the message.
    private const int InlineSenders = 12;

    private readonly byte[] _frame;
    private readonly MessageEncoding _encoding;
    private SenderList _senders;
    private GossipPeer?[]? _manySenders;

    internal GossipMessage(
        string topic,
        in MessageId id,
        SignaturePolicy policy,
        GossipPeer? receivedFrom,
        byte[] frame,
        in MessageEncoding encoding)
    {
        Topic = topic;
        Id = id;
        SignaturePolicy = policy;
        ReceivedFrom = receivedFrom;
        _frame = frame;
        _encoding = encoding;
    }

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>The id.</summary>
    public MessageId Id { get; }

    /// <summary>The signature policy of the topic.</summary>
    public SignaturePolicy SignaturePolicy { get; }

    /// <summary>The peer that handed it over first; null for our own publication.</summary>
    public GossipPeer? ReceivedFrom { get; }

    /// <summary>What is written to a peer: the RPC's length, then the RPC with this one message.</summary>
    public ReadOnlyMemory<byte> Frame => _frame.AsMemory(0, _encoding.FrameLength);

    /// <summary>The payload.</summary>
    public ReadOnlyMemory<byte> Data => _frame.AsMemory(_encoding.DataOffset, _encoding.DataLength);

    /// <summary>
    /// The binary peer id of the author; empty without strict signing. Proven only once the signature has been found
    /// good.
    /// </summary>
    public ReadOnlyMemory<byte> From => _encoding.FromLength == 0
        ? default
        : _frame.AsMemory(_encoding.FromOffset, _encoding.FromLength);

    internal byte[] FrameArray => _frame;

    /// <summary>
    /// The IDONTWANT of this message as an RPC behind its length: in the same array, when that was made for a message
    /// that the mesh is told of.
    /// </summary>
    internal ReadOnlyMemory<byte> IDontWant => _frame.Length > _encoding.FrameLength
        ? _frame.AsMemory(_encoding.FrameLength)
        : IDontWantFrame.Encode(Id);

    internal ref readonly MessageEncoding Encoding => ref _encoding;

    /// <summary>The message as it is signed: without signature and key.</summary>
    internal ReadOnlySpan<byte> Signed => _frame.AsSpan(_encoding.BodyOffset, _encoding.SignedLength);

    internal ReadOnlySpan<byte> Signature => _encoding.SignatureLength == 0
        ? []
        : _frame.AsSpan(_encoding.SignatureOffset, _encoding.SignatureLength);

    internal ReadOnlySpan<byte> PublicKey =>
        _encoding.KeyLength == 0 ? [] : _frame.AsSpan(_encoding.KeyOffset, _encoding.KeyLength);

    /// <summary>
    /// Whether the router waits for its signature check or verdict. To be read by the router's owner; what is false
    /// stays false for a message of a peer that once waited.
    /// </summary>
    public bool IsWaiting => State != MessageState.None;

    /// <summary>Where the message is in its life; the router's.</summary>
    internal MessageState State { get; set; }

    /// <summary>The topic's state in the router that waits for this message.</summary>
    internal TopicState? TopicState { get; set; }

    /// <summary>The next message that waits under the same topic and id: another encoding of the same data.</summary>
    internal GossipMessage? NextWaiting { get; set; }

    /// <summary>Whether it came with a field that we do not know, and that our encoding lacks.</summary>
    internal bool HadUnknown { get; init; }

    /// <summary>Our publication that has reached nobody yet.</summary>
    internal bool IsUnsent { get; set; }

    /// <summary>Whether the mesh is to be told at the next flush that it need not send this.</summary>
    internal bool IsTaken { get; set; }

    /// <summary>Whether the mesh was told so.</summary>
    internal bool WasTold { get; set; }

    /// <summary>Whether it was accepted and sent on to the mesh.</summary>
    internal bool HasGoneOut { get; set; }

    /// <summary>Who was asked for it, when it came from another; until the next flush.</summary>
    internal GossipPeer? AskedElsewhere { get; set; }

    /// <summary>Whether this is its second chance, after we had lost it by our own fault: there is no third.</summary>
    internal bool IsRecovered { get; set; }

    /// <summary>Our publication that was delivered here.</summary>
    internal bool WasDelivered { get; set; }

    internal MessageKey Key => new(TopicState!.Tag, Id);

    /// <summary>The peers known to have it, while it waits.</summary>
    internal ReadOnlySpan<GossipPeer?> Senders =>
        _manySenders is { } many ? many.AsSpan(0, SenderCount) : ((ReadOnlySpan<GossipPeer?>)_senders)[..SenderCount];

    private int SenderCount { get; set; }

    /// <summary>Notes a sender; false if there is no room for it.</summary>
    internal bool TryAddSender(GossipPeer peer)
    {
        if (Senders.Contains(peer))
        {
            return true;
        }

        if (SenderCount == MaxSenders)
        {
            return false;
        }

        if (SenderCount == InlineSenders)
        {
            _manySenders = new GossipPeer?[MaxSenders];
            ((ReadOnlySpan<GossipPeer?>)_senders).CopyTo(_manySenders);
        }

        if (_manySenders is { } many)
        {
            many[SenderCount++] = peer;
        }
        else
        {
            _senders[SenderCount++] = peer;
        }

        return true;
    }

    /// <summary>Whether <paramref name="other"/> is the same message to the last byte, the id being the same.</summary>
    internal bool HasSameEnvelope(in MessageFields other) =>
        From.Span.SequenceEqual(other.From) && Signature.SequenceEqual(other.Signature)
            && PublicKey.SequenceEqual(other.Key)
        && Data.Span.SequenceEqual(other.Data) && SequenceNumber.SequenceEqual(other.SequenceNumber);

    // Signed: from, data, seqno, topic. Seqno is 8 bytes under strict signing and follows the data.
    private ReadOnlySpan<byte> SequenceNumber => _encoding.FromLength == 0
        ? []
        : _frame.AsSpan(_encoding.DataOffset + _encoding.DataLength + 2, MessageVerifier.SequenceNumberLength);

    [InlineArray(InlineSenders)]
    private struct SenderList
    {
        private GossipPeer? _first;
    }
}
