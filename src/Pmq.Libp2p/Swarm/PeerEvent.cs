using Pmq.Core.Hosting;
using Pmq.Core.Identity;

namespace Pmq.Libp2p.Swarm;

/// <summary>Something to tell the observers.</summary>
internal abstract record PeerEvent(PeerId Peer)
{
    /// <summary>The first connection is open.</summary>
    public sealed record Connected(PeerId Peer, IConnection Connection) : PeerEvent(Peer);

    /// <summary>Identify told, or changed, what the peer speaks.</summary>
    public sealed record Identified(PeerId Peer, PeerDescription Description) : PeerEvent(Peer);

    /// <summary>The last connection is gone.</summary>
    public sealed record Disconnected(PeerId Peer, CloseReason Reason) : PeerEvent(Peer);
}
