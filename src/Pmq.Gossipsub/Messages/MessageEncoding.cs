using Pmq.Core.Encoding;
using Pmq.Gossipsub.Rpc;

namespace Pmq.Gossipsub.Messages;

/// <summary>
/// Lays a message out in its frame: length of the RPC, tag and length of publish, the message. Fields stand in the
/// order of their numbers, so that what the author signs is one slice; unknown fields are not carried on.
/// </summary>
internal readonly struct MessageEncoding
{
    private const int RpcPublishTag = (2 << 3) | 2;

    public readonly int BodyOffset;
    public readonly int DataOffset;
    public readonly int DataLength;
    public readonly int FromLength;
    public readonly int SignedLength;
    public readonly int SignatureLength;
    public readonly int KeyLength;

    /// <summary>Bytes of the frame; the array may be longer.</summary>
    public readonly int FrameLength;

    private MessageEncoding(int bodyOffset, int frameLength, in MessageFields fields)
    {
        BodyOffset = bodyOffset;
        FrameLength = frameLength;
        FromLength = fields.From.Length;
        DataLength = fields.Data.Length;
        DataOffset = bodyOffset + SizeOf(fields.From) + 1 + Varint.LengthOf((ulong)fields.Data.Length);
        SignedLength = SizeOfSigned(fields);
        SignatureLength = fields.Signature.Length;
        KeyLength = fields.Key.Length;
    }

    /// <summary>Where <c>from</c>'s bytes begin; a peer id is shorter than 128 bytes, or it is no peer id.</summary>
    public int FromOffset => BodyOffset + 1 + Varint.LengthOf((ulong)FromLength);

    public int SignatureOffset => BodyOffset + SignedLength + 1 + Varint.LengthOf((ulong)SignatureLength);

    public int KeyOffset => SignatureOffset + SignatureLength + 1 + Varint.LengthOf((ulong)KeyLength);

    /// <summary>
    /// Bytes of the RPC that carries a message of <paramref name="fields"/>, without its length prefix.
    /// </summary>
    public static int RpcSizeOf(in MessageFields fields) => SizeOfField(BodySizeOf(fields));

    /// <summary>
    /// As <see cref="RpcSizeOf(in MessageFields)"/>, of <paramref name="fields"/> with that much data.
    /// </summary>
    public static int RpcSizeOf(in MessageFields fields, int dataLength) =>
        SizeOfField(checked(BodySizeOf(fields) - SizeOf(fields.Data) + SizeOfField(dataLength)));

    /// <summary>Encodes into a new array, with the message's IDONTWANT behind it if there is an id.</summary>
    public static byte[] Encode(in MessageFields fields, in MessageId id, out MessageEncoding encoding)
    {
        byte[] frame = Encode(fields, out encoding, id.Size > 0 ? IDontWantFrame.LengthOf(id) : 0);
        if (id.Size > 0)
        {
            IDontWantFrame.Write(frame.AsSpan(encoding.FrameLength), id);
        }

        return frame;
    }

    /// <summary>Encodes into a new array, with room for so many bytes <paramref name="behind"/> it.</summary>
    public static byte[] Encode(in MessageFields fields, out MessageEncoding encoding, int behind = 0)
    {
        int body = BodySizeOf(fields);
        int rpc = RpcSizeOf(fields);
        int prefix = Varint.LengthOf((ulong)rpc);
        byte[] frame = GC.AllocateUninitializedArray<byte>(prefix + rpc + behind);

        // Varint length of the RPC, then RPC: publish=2 {from=1, data=2, seqno=3, topic=4, signature=5, key=6}.
        int position = Varint.Write(frame, (ulong)rpc);
        frame[position++] = RpcPublishTag;
        position += Varint.Write(frame.AsSpan(position), (ulong)body);
        encoding = new MessageEncoding(position, prefix + rpc, fields);
        Write(frame, ref position, 1, fields.From);
        Write(frame, ref position, 2, fields.Data);
        Write(frame, ref position, 3, fields.SequenceNumber);
        Write(frame, ref position, 4, fields.Topic);
        Write(frame, ref position, 5, fields.Signature);
        Write(frame, ref position, 6, fields.Key);
        return frame;
    }

    /// <summary>Writes the fields that are signed: all but signature and key. Returns their length.</summary>
    public static int WriteSigned(Span<byte> destination, in MessageFields fields)
    {
        int position = 0;
        Write(destination, ref position, 1, fields.From);
        Write(destination, ref position, 2, fields.Data);
        Write(destination, ref position, 3, fields.SequenceNumber);
        Write(destination, ref position, 4, fields.Topic);
        return position;
    }

    public static int SizeOfSigned(in MessageFields fields) =>
        checked(SizeOf(fields.From) + SizeOf(fields.Data) + SizeOf(fields.SequenceNumber) + SizeOf(fields.Topic));

    private static int BodySizeOf(in MessageFields fields) =>
        checked(SizeOfSigned(fields) + SizeOf(fields.Signature) + SizeOf(fields.Key));

    private static int SizeOf(ReadOnlySpan<byte> value) => value.IsEmpty ? 0 : SizeOfField(value.Length);

    private static int SizeOfField(int length) => checked(1 + Varint.LengthOf((ulong)length) + length);

    private static void Write(Span<byte> frame, ref int position, int field, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return;
        }

        frame[position++] = (byte)((field << 3) | 2);
        position += Varint.Write(frame[position..], (ulong)value.Length);
        value.CopyTo(frame[position..]);
        position += value.Length;
    }
}
