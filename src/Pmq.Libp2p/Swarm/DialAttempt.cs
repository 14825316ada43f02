using Pmq.Core.Addresses;
using Pmq.Libp2p.Upgrade;
using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Swarm;

/// <summary>How the dial of one address ended.</summary>
/// <param name="Address">The address, without <c>/p2p</c>.</param>
/// <param name="Connection">The multiplexed connection, not started; null on a fault.</param>
/// <param name="Local">Our end of it; null on a fault.</param>
/// <param name="Remote">The other end of it; null on a fault.</param>
/// <param name="Fault">What went wrong.</param>
/// <param name="Detail">In a few words; may be empty.</param>
internal sealed record DialAttempt(
    Multiaddr Address,
    YamuxConnection? Connection,
    Multiaddr? Local,
    Multiaddr? Remote,
    UpgradeFault Fault,
    string Detail);
