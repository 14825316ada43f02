using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Pmq.Agent.Configuration;

namespace Pmq.Agent;

/// <summary>The agent's log: standard error, one line an event.</summary>
internal sealed class AgentLogging : IDisposable
{
    private AgentLogging(ILoggerFactory factory) => Factory = factory;

    /// <summary>Makes the loggers.</summary>
    public ILoggerFactory Factory { get; }

    /// <summary>
    /// Logs to standard error at the levels of the configuration; <paramref name="isJson"/> writes JSON.
    /// </summary>
    public static AgentLogging ToStandardError(AgentConfiguration configuration, bool isJson)
    {
        LogLevel agent = AgentOptions.Level(configuration.Get(AgentSettings.LogLevel));
        LogLevel host = AgentOptions.Level(configuration.Get(AgentSettings.Libp2pLogLevel));
        return new AgentLogging(LoggerFactory.Create(logging =>
        {
            logging.SetMinimumLevel(agent);
            logging.AddFilter("Pmq.Libp2p", host);

            // Kestrel speaks of requests and connections; of those only what is wrong matters here.
            logging.AddFilter("Microsoft", agent > LogLevel.Warning ? agent : LogLevel.Warning);

            // An address that cannot be listened on is told in one line; here it would be told with a stack trace.
            logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
            logging.AddSimpleConsole(format =>
            {
                format.SingleLine = true;
                format.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                format.UseUtcTimestamp = true;
                format.ColorBehavior = LoggerColorBehavior.Disabled;
            });
            logging.AddJsonConsole(format =>
            {
                format.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
                format.UseUtcTimestamp = true;
            });
            logging.Services.Configure<ConsoleLoggerOptions>(console =>
            {
                console.LogToStandardErrorThreshold = LogLevel.Trace;
                console.FormatterName = isJson ? ConsoleFormatterNames.Json : ConsoleFormatterNames.Simple;
            });
        }));
    }

    /// <summary>Writes what is left.</summary>
    public void Dispose() => Factory.Dispose();
}
