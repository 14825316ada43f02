using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Pmq.Core.Encoding;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;
using Pmq.Simulation.Links;

namespace Pmq.Simulation.Messages;

/// <summary>
/// Every message that was made in a world, by a dense number that its payload begins with: whoever has the payload
/// finds its truth without a look into a dictionary.
/// </summary>
public sealed class MessageLedger
{
    /// <summary>The least bytes of payload: a mark and the number.</summary>
    public const int MinSize = 12;

    private const ulong Mark = 0x504D512D53494D21; // "PMQ-SIM!"

    private readonly GossipsubOptions _options;
    private readonly List<SimMessage> _messages = [];
    private readonly Dictionary<MessageId, int> _byId = [];

    internal MessageLedger(GossipsubOptions options) => _options = options;

    /// <summary>How many there are.</summary>
    public int Count => _messages.Count;

    /// <summary>The message with a number.</summary>
    public SimMessage this[int number] => _messages[number];

    /// <summary>
    /// Makes a message, unsigned, that nobody has sent yet. Attackers make theirs here, too: its frame can be sent by
    /// anyone.
    /// </summary>
    /// <param name="topic">The topic; its policy must be StrictNoSign.</param>
    /// <param name="size">Bytes of payload, <see cref="MinSize"/> at least.</param>
    /// <param name="author">Who made it.</param>
    /// <param name="truth">What it deserves.</param>
    /// <param name="now">The time.</param>
    public SimMessage Create(string topic, int size, Actor? author, MessageTruth truth, TimeSpan now)
    {
        SimMessage message = new(_messages.Count, topic, author, truth, now, size);
        _messages.Add(message);
        byte[] payload = new byte[Math.Max(size, MinSize)];
        BinaryPrimitives.WriteUInt64BigEndian(payload, Mark);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(sizeof(ulong)), message.Number);
        MessageFields fields = new() { Data = payload, Topic = Encoding.UTF8.GetBytes(topic) };
        byte[] frame = MessageEncoding.Encode(fields, out MessageEncoding encoding);
        message.Encoding = encoding;
        message.Id = _options.RulesOf(topic).MessageId.Compute(payload);
        _byId[message.Id] = message.Number;
        Varint.Read(frame, out ulong length, out int prefix);
        message.Frame = new Frame(frame.AsMemory(prefix, (int)length), isShared: true, message.Number);
        message.FrameBytes = frame;
        return message;
    }

    /// <summary>The message whose payload this is.</summary>
    public bool TryFind(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out SimMessage? message)
    {
        message = null;
        if (payload.Length < MinSize || BinaryPrimitives.ReadUInt64BigEndian(payload) != Mark)
        {
            return false;
        }

        int number = BinaryPrimitives.ReadInt32BigEndian(payload[sizeof(ulong)..]);
        if ((uint)number < (uint)_messages.Count)
        {
            message = _messages[number];
        }

        return message is not null;
    }

    /// <summary>The message with an id on a topic.</summary>
    public bool TryFind(string topic, in MessageId id, out int number) =>
        _byId.TryGetValue(id, out number) && _messages[number].Topic == topic;

    /// <summary>The message as a router takes it for publication: a new object over the same bytes.</summary>
    internal static GossipMessage ToGossip(SimMessage message) => new(
        message.Topic,
        message.Id,
        SignaturePolicy.StrictNoSign,
        null,
        message.FrameBytes,
        message.Encoding);

    /// <summary>The frame that a router's message is sent as: the canonical one, when the bytes are the same.</summary>
    internal Frame FrameOf(GossipMessage message)
    {
        if (TryFind(message.Data.Span, out SimMessage? known)
            && (ReferenceEquals(known.FrameBytes, message.FrameArray)
                || message.Frame.Span.SequenceEqual(known.FrameBytes)))
        {
            return known.Frame;
        }

        Varint.Read(message.Frame.Span, out ulong length, out int prefix);
        return new Frame(message.Frame.Slice(prefix, (int)length), isShared: true);
    }
}
