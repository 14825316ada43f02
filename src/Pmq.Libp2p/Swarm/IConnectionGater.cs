using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;

namespace Pmq.Libp2p.Swarm;

/// <summary>
/// Decides at five points of a connection's way whether it goes on; each says yes unless it is overridden. Called from
/// several threads at once, on the way of every connection: it answers from memory and does not throw.
/// </summary>
public interface IConnectionGater
{
    /// <summary>Whether this peer may be dialed at all.</summary>
    bool MayDialPeer(PeerId peer) => true;

    /// <summary>Whether this address of the peer may be dialed.</summary>
    bool MayDialAddress(PeerId peer, Multiaddr address) => true;

    /// <summary>Whether a connection from <paramref name="remote"/> may begin its handshake; nobody is proved yet.</summary>
    bool MayAccept(Multiaddr remote) => true;

    /// <summary>Whether the peer, now proved, may have the connection.</summary>
    bool MaySecure(PeerId peer, Multiaddr remote, ConnectionDirection direction) => true;

    /// <summary>Whether the finished connection may be used; the last point, where its siblings are known too.</summary>
    bool MayUse(IConnection connection) => true;
}
