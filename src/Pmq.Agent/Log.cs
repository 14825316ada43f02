using Microsoft.Extensions.Logging;

namespace Pmq.Agent;

/// <summary>What the agent logs; ids 5000 to 5099.</summary>
internal static partial class Log
{
    [LoggerMessage(5000, LogLevel.Information, "Cryptography: Curve25519 by {Curve25519}, secp256k1 by {Secp256k1}")]
    public static partial void Cryptography(ILogger logger, string curve25519, string secp256k1);

    [LoggerMessage(5001, LogLevel.Information, "Validation: {Mode} ({Origin}). {Meaning}")]
    public static partial void Validation(ILogger logger, string mode, string origin, string meaning);

    [LoggerMessage(5002, LogLevel.Warning, "{Warning}")]
    public static partial void ConfigurationWarning(ILogger logger, string warning);

    [LoggerMessage(5003, LogLevel.Information, "Ready: peer {PeerId}, gRPC {Grpc}, HTTP {Http}")]
    public static partial void Ready(ILogger logger, string peerId, string grpc, string http);

    [LoggerMessage(5004, LogLevel.Information, "Stopping")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(5005, LogLevel.Information, "Stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(5006, LogLevel.Warning, "Stopping took longer than {Limit}: {Part} is left behind")]
    public static partial void StoppingTooSlow(ILogger logger, string part, TimeSpan limit);

    [LoggerMessage(5007, LogLevel.Critical, "The peer broke and the agent ends, to be started again: {Reason}")]
    public static partial void PeerBroken(ILogger logger, string reason);

    [LoggerMessage(5010, LogLevel.Warning, "Listener {Listener} loses messages: it reads too slowly or set max_rate")]
    public static partial void ListenerTooSlow(ILogger logger, string listener);

    [LoggerMessage(5011, LogLevel.Error, "Stopping {Part} failed")]
    public static partial void StoppingFailed(ILogger logger, Exception fault, string part);
}
