using Pmq.Core.Identity;

namespace Pmq.Core.Hosting;

/// <summary>
/// Learns of peers coming and going. Called in order, one call at a time, from a loop of the host, before a stream of
/// the connection comes to its handler: a callback only queues what it learned and returns.
/// </summary>
public interface IHostObserver
{
    /// <summary>The first connection to a peer is open.</summary>
    void OnPeerConnected(IConnection connection);

    /// <summary>Identify (or a push) told what the peer speaks; called again whenever that changes.</summary>
    void OnPeerIdentified(PeerId peer, PeerDescription description);

    /// <summary>The last connection to a peer is gone.</summary>
    void OnPeerDisconnected(PeerId peer, CloseReason reason);
}
