using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Upgrade;

/// <summary>How an upgrade ended.</summary>
/// <param name="Connection">The multiplexed connection, not started yet, which the caller now owns; null on a fault.</param>
/// <param name="Fault">What went wrong.</param>
/// <param name="Detail">The exact violation or error in a few words; may be empty.</param>
internal readonly record struct UpgradeResult(YamuxConnection? Connection, UpgradeFault Fault, string Detail = "");
