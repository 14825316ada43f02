namespace Pmq.Core.Identity;

/// <summary>The key types of libp2p, with their numbers on the wire (peer-ids specification, <c>KeyType</c>).</summary>
public enum KeyType
{
    /// <summary>RSA, 2048 to 8192 bits; PKIX DER. We verify with it and never make it.</summary>
    Rsa = 0,

    /// <summary>Ed25519, 32 bytes.</summary>
    Ed25519 = 1,

    /// <summary>secp256k1, 33 bytes compressed.</summary>
    Secp256k1 = 2,

    /// <summary>ECDSA over P-256, PKIX DER.</summary>
    Ecdsa = 3,
}
