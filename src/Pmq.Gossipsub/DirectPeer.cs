using Pmq.Core.Addresses;
using Pmq.Core.Identity;

namespace Pmq.Gossipsub;

/// <summary>A peer with whom a link is agreed on out of band (gossipsub v1.1, "Explicit Peering Agreements").</summary>
/// <param name="Id">Who it is.</param>
/// <param name="Addresses">Where to dial it; empty leaves that to what the host knows.</param>
public sealed record DirectPeer(PeerId Id, IReadOnlyList<Multiaddr> Addresses);
