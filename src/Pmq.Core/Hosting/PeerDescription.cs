using Pmq.Core.Addresses;

namespace Pmq.Core.Hosting;

/// <summary>What a peer says of itself by identify: unverified but for the key, and bounded in every list.</summary>
/// <param name="ProtocolVersion">The family of the network, as <c>ipfs/0.1.0</c>; empty when not told.</param>
/// <param name="AgentVersion">The implementation, as <c>js-libp2p/3.3.11</c>; empty when not told.</param>
/// <param name="Protocols">The protocols it serves, sorted by ordinal comparison.</param>
/// <param name="ListenAddresses">Where it says it can be dialed, without <c>/p2p</c>; hints only.</param>
/// <param name="ObservedAddress">The address under which it sees us; null when not told.</param>
public sealed record PeerDescription(
    string ProtocolVersion,
    string AgentVersion,
    IReadOnlyList<string> Protocols,
    IReadOnlyList<Multiaddr> ListenAddresses,
    Multiaddr? ObservedAddress)
{
    /// <summary>
    /// The peer's own signed statement of its addresses, as it came: an envelope (RFC 2) with a peer record (RFC 3)
    /// that was verified to be its own, and is the newest that it told. Empty when none was. Never written to again.
    /// </summary>
    public ReadOnlyMemory<byte> SignedRecord { get; init; }
}
