using Microsoft.Extensions.Logging;

namespace Pmq.Client;

/// <summary>What the SDK logs; ids 6000 to 6099.</summary>
internal static partial class Log
{
    [LoggerMessage(6000, LogLevel.Warning, "{Part}: {Reason}; trying again")]
    public static partial void Lost(ILogger logger, string part, string reason);

    [LoggerMessage(6001, LogLevel.Information, "{Part}: connected to the agent at {Address}")]
    public static partial void Connected(ILogger logger, string part, string address);

    [LoggerMessage(6002, LogLevel.Information,
        "The agent at {Address} has no publishing stream: each message is published by a call of its own")]
    public static partial void NoPublisherService(ILogger logger, string address);

    [LoggerMessage(6010, LogLevel.Error, "The rules failed for message {MessageId} of {Topic}: it is ignored")]
    public static partial void RulesFailed(ILogger logger, Exception fault, string topic, string messageId);

    [LoggerMessage(6011, LogLevel.Error, "The consumer failed for message {MessageId} of {Topic}")]
    public static partial void ConsumerFailed(ILogger logger, Exception fault, string topic, string messageId);

    [LoggerMessage(6012, LogLevel.Warning, "The agent has dropped {Count} messages for this listener")]
    public static partial void Dropped(ILogger logger, long count);

    [LoggerMessage(6013, LogLevel.Error, "The callback {Callback} threw")]
    public static partial void CallbackFailed(ILogger logger, Exception fault, string callback);

    [LoggerMessage(6014, LogLevel.Warning, "{Part}: {Count} handlers have not ended {Limit} after they were asked to")]
    public static partial void HandlersLeft(ILogger logger, string part, int count, TimeSpan limit);
}
