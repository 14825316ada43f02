using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.Rpc;

/// <summary>The RPC that says of one message that it need not be sent, behind its length.</summary>
internal static class IDontWantFrame
{
    // What stands before the id; all lengths are shorter than 128.
    private const int HeaderLength = 7;

    public static int LengthOf(in MessageId id) => HeaderLength + id.WireLength;

    public static byte[] Encode(in MessageId id)
    {
        byte[] frame = new byte[LengthOf(id)];
        Write(frame, id);
        return frame;
    }

    /// <summary>Writes it into <see cref="LengthOf"/> bytes.</summary>
    public static void Write(Span<byte> target, in MessageId id)
    {
        // Varint length, then RPC: control=3 {idontwant=5 {messageIDs=1}}.
        target[0] = (byte)(target.Length - 1);
        target[1] = (3 << 3) | 2;
        target[2] = (byte)(target.Length - 3);
        target[3] = (5 << 3) | 2;
        target[4] = (byte)(target.Length - 5);
        target[5] = (1 << 3) | 2;
        target[6] = (byte)id.WireLength;
        id.WriteWire(target[HeaderLength..]);
    }
}
