using Microsoft.Extensions.Logging;
using Pmq.Testing.Processes;

namespace Pmq.Testing;

/// <summary>A logger factory whose lines a test awaits: <c>Level Category: message</c>. All levels are on.</summary>
public sealed class CapturedLogs : ILoggerFactory
{
    /// <summary>What was logged, in order.</summary>
    public LineLog Lines { get; } = new("the log");

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => new Logger(Lines, categoryName);

    /// <inheritdoc />
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("this log has one destination");

    /// <inheritdoc />
    public void Dispose()
    {
    }

    private sealed class Logger(LineLog lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            lines.Add($"{logLevel} {category}: {formatter(state, exception)}{(exception is null ? "" : $" | {exception}")}");
    }
}
