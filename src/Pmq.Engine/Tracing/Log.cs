using Microsoft.Extensions.Logging;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Messages;

namespace Pmq.Engine.Tracing;

/// <summary>What tracing logs. Ids 4300 to 4399.</summary>
internal static partial class Log
{
    [LoggerMessage(
        4300, LogLevel.Warning,
        "The trace {Path} cannot be written: {Reason}. Events are dropped and counted until it can; tried every {Wait}")]
    public static partial void WriteFailed(ILogger logger, string path, string reason, TimeSpan wait);

    [LoggerMessage(4301, LogLevel.Information, "The trace {Path} is written again; {Dropped} events were dropped so far")]
    public static partial void WritesAgain(ILogger logger, string path, long dropped);

    [LoggerMessage(4302, LogLevel.Debug, "{Event} {PeerId} {Topic} {MessageId} {Text}")]
    public static partial void Traced(
        ILogger logger, string? @event, PeerId? peerId, string? topic, MessageId messageId, string text);

    [LoggerMessage(4303, LogLevel.Warning, "The trace {Path} took too long to end; its last events are lost")]
    public static partial void EndedLate(ILogger logger, string path);
}
