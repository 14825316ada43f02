using Pmq.Core.Runtime;

namespace Pmq.Core.Identity;

/// <summary>A private key that signs for a peer. Thread-safe.</summary>
public abstract class PrivateKey : IDisposable
{
    /// <summary>The matching public key.</summary>
    public abstract PublicKey PublicKey { get; }

    /// <summary>Signs <paramref name="message"/>: Ed25519 64 bytes; ECDSA and secp256k1 SHA-256 and DER.</summary>
    public abstract byte[] Sign(ReadOnlySpan<byte> message);

    /// <summary>The protobuf form {Type=1, Data=2}; secret.</summary>
    public abstract byte[] ToProtobuf();

    /// <summary>Makes a key of <paramref name="type"/> (not RSA).</summary>
    public static PrivateKey Generate(KeyType type, IEntropySource entropy) => throw new NotImplementedException();

    /// <summary>Parses the protobuf form; false if it is not a key that we can sign with.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> protobuf, out PrivateKey? key) => throw new NotImplementedException();

    /// <summary>Erases what can be erased.</summary>
    public abstract void Dispose();
}
