using Microsoft.Extensions.Logging;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;

namespace Pmq.Libp2p.Yamux;

/// <summary>The log lines of Yamux connections.</summary>
internal static partial class Log
{
    [LoggerMessage(1201, LogLevel.Debug, "Connection to {PeerId} ends: {Reason}")]
    public static partial void ConnectionEnds(ILogger logger, PeerId peerId, CloseReason reason);

    [LoggerMessage(1202, LogLevel.Error, "A loop of the connection to {PeerId} failed")]
    public static partial void LoopFailed(ILogger logger, PeerId peerId, Exception exception);

    [LoggerMessage(1203, LogLevel.Warning, "A callback on the end of the connection to {PeerId} failed")]
    public static partial void CallbackFailed(ILogger logger, PeerId peerId, Exception exception);
}
