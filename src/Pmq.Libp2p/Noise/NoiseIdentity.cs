using System.Buffers;
using Pmq.Core.Cryptography;
using Pmq.Core.Identity;
using Pmq.Core.Protobuf;
using Pmq.Core.Runtime;

namespace Pmq.Libp2p.Noise;

/// <summary>
/// The host's side of every Noise handshake: one static X25519 key that is never stored, and the identity key's
/// signature over it. Made once per host, so that a handshake neither generates a static key nor signs. Thread-safe.
/// </summary>
internal sealed class NoiseIdentity : IDisposable
{
    private readonly byte[] _payload;

    /// <summary>
    /// Makes a fresh static key and signs it with <paramref name="identityKey"/>, which stays the caller's.
    /// </summary>
    public NoiseIdentity(PrivateKey identityKey, IEntropySource entropy)
    {
        StaticKey = X25519PrivateKey.Generate(entropy);
        Span<byte> signed = stackalloc byte[NoisePayload.SignedLength];
        NoisePayload.WriteSigned(StaticKey.PublicKey, signed);
        _payload = NoisePayload.Encode(identityKey.PublicKey.Protobuf, identityKey.Sign(signed));
    }

    /// <summary>The static key.</summary>
    public X25519PrivateKey StaticKey { get; }

    /// <summary>The payload that proves the identity; the extensions of a handshake are appended to it.</summary>
    public ReadOnlySpan<byte> Payload => _payload;

    /// <inheritdoc />
    public void Dispose() => StaticKey.Dispose();
}
