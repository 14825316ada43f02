using Microsoft.Extensions.Logging;
using Pmq.Core.Identity;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Rpc;

namespace Pmq.Engine.Gossip;

/// <summary>What the driver logs. Ids 4000 to 4099.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Critical, "The gossipsub router broke and has stopped; the peer must be restarted")]
    public static partial void RouterBroken(ILogger logger, Exception exception);

    [LoggerMessage(4001, LogLevel.Debug, "{PeerId} speaks {Protocol}")]
    public static partial void PeerAdded(ILogger logger, PeerId peerId, PubsubProtocol protocol);

    [LoggerMessage(4002, LogLevel.Debug, "{PeerId} is gone")]
    public static partial void PeerRemoved(ILogger logger, PeerId peerId);

    [LoggerMessage(4003, LogLevel.Debug, "Grafted {PeerId} on {Topic}")]
    public static partial void Grafted(ILogger logger, PeerId peerId, string topic);

    [LoggerMessage(4004, LogLevel.Debug, "Pruned {PeerId} on {Topic}")]
    public static partial void Pruned(ILogger logger, PeerId peerId, string topic);

    [LoggerMessage(4005, LogLevel.Debug, "{PeerId} misbehaved: {Reason}, {Count} times")]
    public static partial void Misbehaved(ILogger logger, PeerId peerId, Misbehaviour reason, int count);

    [LoggerMessage(4006, LogLevel.Debug, "{PeerId} sent an RPC that is refused: {Reason}")]
    public static partial void RpcRefused(ILogger logger, PeerId peerId, RpcViolation reason);

    [LoggerMessage(4007, LogLevel.Debug, "The outbound stream to {PeerId} broke: {Reason}")]
    public static partial void StreamBroken(ILogger logger, PeerId peerId, Core.Hosting.StreamFault reason);

    [LoggerMessage(4013, LogLevel.Debug, "{PeerId} cannot be connected to: {Reason}")]
    public static partial void CannotConnect(ILogger logger, PeerId peerId, string reason);

    [LoggerMessage(4014, LogLevel.Error, "Connecting to {PeerId} failed on our side")]
    public static partial void ConnectBroke(ILogger logger, PeerId peerId, Exception exception);

    [LoggerMessage(4012, LogLevel.Debug, "{PeerId} is slow: {Count} messages for it were dropped")]
    public static partial void PeerIsSlow(ILogger logger, PeerId peerId, int count);

    [LoggerMessage(
        4010,
        LogLevel.Warning,
        "Seen ids are forgotten after {Horizon}, messages can come again for {Needed}: MaxSeen is too low")]
    public static partial void SeenHorizonShort(ILogger logger, TimeSpan horizon, TimeSpan needed);

    [LoggerMessage(4011, LogLevel.Debug, "A stream of {PeerId} is not served any more: {Reason}")]
    public static partial void StreamTooLate(ILogger logger, PeerId peerId, string reason);

    [LoggerMessage(4008, LogLevel.Error, "The loop that writes to {PeerId} failed")]
    public static partial void LinkBroken(ILogger logger, PeerId peerId, Exception exception);

    [LoggerMessage(
        4009, LogLevel.Error, "A signature check failed on our side; the message is taken when it comes next")]
    public static partial void SignatureCheckFailed(ILogger logger, Exception exception);
}
