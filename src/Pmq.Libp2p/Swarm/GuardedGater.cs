using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;

namespace Pmq.Libp2p.Swarm;

/// <summary>
/// Asks the application's gater and takes an exception for a no: it must end neither an accept loop nor the account of
/// who has a slot.
/// </summary>
internal sealed class GuardedGater(IConnectionGater inner, ILogger logger) : IConnectionGater
{
    /// <inheritdoc />
    public bool MayDialPeer(PeerId peer) => Ask(() => inner.MayDialPeer(peer));

    /// <inheritdoc />
    public bool MayDialAddress(PeerId peer, Multiaddr address) => Ask(() => inner.MayDialAddress(peer, address));

    /// <inheritdoc />
    public bool MayAccept(Multiaddr remote) => Ask(() => inner.MayAccept(remote));

    /// <inheritdoc />
    public bool MaySecure(PeerId peer, Multiaddr remote, ConnectionDirection direction) =>
        Ask(() => inner.MaySecure(peer, remote, direction));

    /// <inheritdoc />
    public bool MayUse(IConnection connection) => Ask(() => inner.MayUse(connection));

    private bool Ask(Func<bool> question, [CallerMemberName] string name = "")
    {
        try
        {
            return question();
        }
        catch (Exception error)
        {
            Log.GaterFaulted(logger, name, error);
            return false;
        }
    }
}
