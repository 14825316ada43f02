using Pmq.Core.Identity;
using Pmq.Core.Runtime;

namespace Pmq.Libp2p.Noise;

/// <summary>
/// The host's side of every Noise handshake: one static X25519 key that is never stored, and the identity key's
/// signature over it. Made once per host, so that a handshake neither generates a static key nor signs. Thread-safe.
/// </summary>
internal sealed class NoiseIdentity : IDisposable
{
    /// <summary>Makes a fresh static key and signs it with <paramref name="identityKey"/>, which stays the caller's.</summary>
    public NoiseIdentity(PrivateKey identityKey, IEntropySource entropy) => throw new NotImplementedException();

    /// <inheritdoc />
    public void Dispose() => throw new NotImplementedException();
}
