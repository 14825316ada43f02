using Pmq.Core.Encoding;

namespace Pmq.Core.Identity;

/// <summary>
/// The form that public and private keys share: Type=1 (varint), Data=2 (bytes), exactly these and in this order.
/// </summary>
internal static class KeyProtobuf
{
    private const byte TypeTag = 0x08; // field 1, varint
    private const byte DataTag = 0x12; // field 2, length-delimited

    public static byte[] Encode(KeyType type, ReadOnlySpan<byte> data)
    {
        var protobuf = new byte[3 + Varint.LengthOf((ulong)data.Length) + data.Length];
        protobuf[0] = TypeTag;
        protobuf[1] = (byte)type;
        protobuf[2] = DataTag;
        int length = 3 + Varint.Write(protobuf.AsSpan(3), (ulong)data.Length);
        data.CopyTo(protobuf.AsSpan(length));
        return protobuf;
    }

    public static bool TryDecode(ReadOnlySpan<byte> protobuf, out KeyType type, out ReadOnlySpan<byte> data)
    {
        type = default;
        data = default;
        if (protobuf.Length < 4 || protobuf[0] != TypeTag || protobuf[1] > (byte)KeyType.Ecdsa || protobuf[2] != DataTag
            || Varint.Read(protobuf[3..], out ulong size, out int length) != VarintStatus.Done
            || size != (ulong)(protobuf.Length - 3 - length))
        {
            return false;
        }

        type = (KeyType)protobuf[1];
        data = protobuf[(3 + length)..];
        return true;
    }
}
