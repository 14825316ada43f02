using Microsoft.Extensions.Logging;

namespace Pmq.Cli.Demo;

/// <summary>The last lines of what the agents log. Thread-safe.</summary>
internal sealed class AgentLog
{
    private const int MaxLines = 20;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();

    /// <summary>The lines that are kept.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Keeps a line; the oldest goes.</summary>
    public void Add(string agent, string line)
    {
        lock (_gate)
        {
            _lines.Enqueue($"{agent}: {line}");
            if (_lines.Count > MaxLines)
            {
                _lines.Dequeue();
            }
        }
    }

    /// <summary>Loggers for an agent of this process: warnings and above.</summary>
    public ILoggerFactory LoggersOf(string agent) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(LogLevel.Warning)
        .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
        .AddProvider(new Named(this, agent)));

    private sealed class Named(AgentLog log, string agent) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Logger(log, agent);

        public void Dispose()
        {
        }
    }

    private sealed class Logger(AgentLog log, string agent) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            string cause = exception is null ? "" : $": {exception.GetType().Name}: {exception.Message}";
            log.Add(agent, formatter(state, exception) + cause);
        }
    }
}
