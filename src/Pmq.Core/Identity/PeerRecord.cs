using Pmq.Core.Addresses;

namespace Pmq.Core.Identity;

/// <summary>A peer's own statement of its addresses (libp2p RFC 0003): peer_id=1, seq=2, addresses=3 {multiaddr=1}.</summary>
/// <param name="Peer">Whose addresses these are.</param>
/// <param name="Sequence">Rises with each new record of a peer.</param>
/// <param name="Addresses">Where it can be dialed.</param>
public sealed record PeerRecord(PeerId Peer, ulong Sequence, IReadOnlyList<Multiaddr> Addresses)
{
    /// <summary>Signs the record in the form that go and js send.</summary>
    public SignedEnvelope Seal(PrivateKey key) => throw new NotImplementedException();

    /// <summary>Opens a sealed record in either form in use; null when it is broken or not signed by its own peer.</summary>
    public static PeerRecord? TryOpen(ReadOnlyMemory<byte> envelope) => throw new NotImplementedException();
}
