using Microsoft.Extensions.Logging;

namespace Pmq.Engine.Runtime;

/// <summary>
/// Writes to the application's logger and takes no exception from it: one that is thrown in the router's turn would leave
/// the router's state in the middle of a change.
/// </summary>
internal sealed class GuardedLogger(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            // A logger that fails has no place to say so.
            return false;
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // As above.
        }
    }
}
