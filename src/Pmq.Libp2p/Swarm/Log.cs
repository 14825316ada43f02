using Microsoft.Extensions.Logging;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Libp2p.Upgrade;

namespace Pmq.Libp2p.Swarm;

/// <summary>What the swarm logs. Faults of peers are Debug; Warning is what the operator can act on.</summary>
internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Information, "Listening on {Address}")]
    public static partial void Listening(ILogger logger, Multiaddr address);

    [LoggerMessage(2001, LogLevel.Debug, "{Direction} connection {ConnectionId} to {PeerId} at {Address} is open")]
    public static partial void ConnectionOpened(
        ILogger logger, ConnectionDirection direction, long connectionId, PeerId peerId, Multiaddr address);

    [LoggerMessage(2002, LogLevel.Debug, "Connection {ConnectionId} to {PeerId} ended: {Reason}")]
    public static partial void ConnectionClosed(ILogger logger, long connectionId, PeerId peerId, CloseReason reason);

    [LoggerMessage(2003, LogLevel.Debug, "Inbound connection from {Address} refused: {Verdict}")]
    public static partial void AcceptRefused(ILogger logger, Multiaddr address, string verdict);

    [LoggerMessage(2004, LogLevel.Debug, "{Direction} upgrade with {Address} failed: {Fault} {Detail}")]
    public static partial void UpgradeFailed(
        ILogger logger, ConnectionDirection direction, Multiaddr address, UpgradeFault fault, string detail);

    [LoggerMessage(2005, LogLevel.Warning, "Accepting on {Address} failed; trying again: {Message}")]
    public static partial void AcceptFailed(ILogger logger, Multiaddr address, string message);

    [LoggerMessage(2006, LogLevel.Error, "The handler of {Protocol} threw; the stream of {PeerId} was reset")]
    public static partial void HandlerFaulted(ILogger logger, string protocol, PeerId peerId, Exception error);

    [LoggerMessage(2007, LogLevel.Debug, "Inbound stream of {PeerId} refused: {Outcome} {Detail}")]
    public static partial void StreamRefused(ILogger logger, PeerId peerId, StreamOutcome outcome, string detail);

    [LoggerMessage(2008, LogLevel.Error, "An observer of the host threw on {Event}")]
    public static partial void ObserverFaulted(ILogger logger, string @event, Exception error);

    [LoggerMessage(2009, LogLevel.Debug, "Identify with {PeerId} gave nothing: {Reason}")]
    public static partial void IdentifyFailed(ILogger logger, PeerId peerId, string reason);

    [LoggerMessage(2010, LogLevel.Warning, "Shutting down took longer than {Timeout}; {Count} tasks were left to their end")]
    public static partial void ShutdownOverran(ILogger logger, TimeSpan timeout, int count);

    [LoggerMessage(2011, LogLevel.Error, "A local fault ended the upgrade with {Address}")]
    public static partial void UpgradeFaulted(ILogger logger, Multiaddr address, Exception error);

    [LoggerMessage(2012, LogLevel.Error, "The gater threw in {Question}; that is taken for a no")]
    public static partial void GaterFaulted(ILogger logger, string question, Exception error);

    [LoggerMessage(2013, LogLevel.Error, "A callback threw when the handlers of {PeerId} were told to end")]
    public static partial void CallbackFaulted(ILogger logger, PeerId peerId, Exception error);

    [LoggerMessage(2014, LogLevel.Error, "A local fault ended an identify exchange with {PeerId}")]
    public static partial void IdentifyFaulted(ILogger logger, PeerId peerId, Exception error);
}
