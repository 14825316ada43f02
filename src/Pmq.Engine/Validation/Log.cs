using Microsoft.Extensions.Logging;

namespace Pmq.Engine.Validation;

/// <summary>What validation logs. Ids 4200 to 4299.</summary>
internal static partial class Log
{
    [LoggerMessage(4200, LogLevel.Information, "Verifier {Name} attached for {Topics}, stateless: {IsStateless}")]
    public static partial void VerifierAttached(ILogger logger, string name, string topics, bool isStateless);

    [LoggerMessage(
        4201, LogLevel.Information, "Verifier {Name} left; {Count} messages that it held go to the next one, or wait")]
    public static partial void VerifierLeft(ILogger logger, string name, int count);
}
