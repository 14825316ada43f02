using Pmq.Core.Hosting;
using Pmq.Libp2p.Upgrade;

namespace Pmq.Libp2p.Swarm;

/// <summary>What follows from a fault of an upgrade.</summary>
/// <param name="Dial">What whoever dialed is told.</param>
/// <param name="BacksOff">Whether a dialed address is left alone for a while.</param>
internal readonly record struct Consequence(DialFault Dial, bool BacksOff)
{
    /// <summary>
    /// The one table. The connection itself is aborted on every fault; what is not the peer's doing costs its address
    /// nothing.
    /// </summary>
    public static Consequence Of(UpgradeFault fault) => fault switch
    {
        UpgradeFault.TransportRefused => new(DialFault.Unreachable, BacksOff: true),
        UpgradeFault.TransportFailed => new(DialFault.Unreachable, BacksOff: true),
        UpgradeFault.Timeout => new(DialFault.Timeout, BacksOff: true),
        UpgradeFault.MultistreamViolated => new(DialFault.NegotiationFailed, BacksOff: true),
        UpgradeFault.NoCommonSecurity => new(DialFault.NegotiationFailed, BacksOff: true),
        UpgradeFault.NoCommonMuxer => new(DialFault.NegotiationFailed, BacksOff: true),
        UpgradeFault.HandshakeViolated => new(DialFault.HandshakeFailed, BacksOff: true),
        UpgradeFault.WrongPeer => new(DialFault.WrongPeer, BacksOff: true),
        UpgradeFault.Self => new(DialFault.Self, BacksOff: false),
        UpgradeFault.Refused => new(DialFault.Refused, BacksOff: false),
        UpgradeFault.TooManyConnections => new(DialFault.LimitExceeded, BacksOff: false),
        UpgradeFault.Cancelled => new(DialFault.Shutdown, BacksOff: false),
        UpgradeFault.LocalFault => new(DialFault.Unreachable, BacksOff: false),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "Not a fault."),
    };

    /// <summary>Why a connection that was upgraded is closed when it is not taken up.</summary>
    public static CloseReason CloseOf(UpgradeFault fault) => new(
        fault switch
        {
            UpgradeFault.TooManyConnections => CloseKind.LimitExceeded,
            UpgradeFault.Cancelled => CloseKind.Shutdown,
            _ => CloseKind.Refused,
        },
        fault.ToString());
}
