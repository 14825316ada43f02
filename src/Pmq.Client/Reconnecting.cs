using System.Security.Cryptography;

namespace Pmq.Client;

/// <summary>
/// Waits between attempts: twice as long each time, up to a bound, each wait between half of it and all of it.
/// </summary>
internal sealed class Reconnecting(PmqClientOptions options)
{
    private TimeSpan _delay = options.ReconnectMinDelay;

    /// <summary>An attempt succeeded: the next wait is the shortest again.</summary>
    public void Reset() => _delay = options.ReconnectMinDelay;

    /// <summary>Waits before the next attempt.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        // Half of the wait is chance, so that the verifiers of one agent do not all come back at the same moment.
        TimeSpan wait = _delay * (0.5 + (RandomNumberGenerator.GetInt32(1000) / 2000.0));
        _delay = _delay * 2 < options.ReconnectMaxDelay ? _delay * 2 : options.ReconnectMaxDelay;
        return Task.Delay(wait, options.TimeProvider, cancellationToken);
    }
}
