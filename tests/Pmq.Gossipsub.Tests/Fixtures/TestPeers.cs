using System.Buffers.Binary;
using Pmq.Core.Identity;
using Pmq.Testing;

namespace Pmq.Gossipsub.Tests.Fixtures;

/// <summary>Peer ids without keys, and keys from seeds.</summary>
internal static class TestPeers
{
    /// <summary>An Ed25519 peer id by number; nobody has its key.</summary>
    public static PeerId Id(int number)
    {
        byte[] bytes = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20, .. new byte[32]];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(6), number + 1);
        Assert.True(PeerId.TryFromBytes(bytes, out PeerId? id));
        return id;
    }

    public static PrivateKey Key(ulong seed, KeyType type = KeyType.Ed25519) =>
        PrivateKey.Generate(type, new SeededEntropy(seed));
}
