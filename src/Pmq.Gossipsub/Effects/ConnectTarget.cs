using Pmq.Core.Addresses;
using Pmq.Core.Identity;

namespace Pmq.Gossipsub.Effects;

/// <summary>A peer that the driver is asked to connect to.</summary>
/// <param name="Peer">Who it is.</param>
/// <param name="Addresses">Where it can be dialed; empty leaves that to what the host knows.</param>
/// <param name="SignedRecord">
/// Its own signed envelope (RFC 3), verified, from which the addresses come; empty for direct peers and where none was
/// told.
/// </param>
/// <param name="IsDirect">Whether it is one of our direct peers; otherwise another peer told us of it.</param>
public sealed record ConnectTarget(
    PeerId Peer, IReadOnlyList<Multiaddr> Addresses, ReadOnlyMemory<byte> SignedRecord, bool IsDirect);
