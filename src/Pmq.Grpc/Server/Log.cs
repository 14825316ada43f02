using Microsoft.Extensions.Logging;

namespace Pmq.Grpc.Server;

/// <summary>Events of the server.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "The handler of {Method} failed.")]
    public static partial void HandlerFailed(ILogger logger, string method, Exception exception);
}
