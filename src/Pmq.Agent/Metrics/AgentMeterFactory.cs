using System.Diagnostics.Metrics;

namespace Pmq.Agent.Metrics;

/// <summary>
/// The meters of one agent, told apart by their scope from those of another agent in the same process.
/// </summary>
internal sealed class AgentMeterFactory : IMeterFactory
{
    private readonly Lock _gate = new();
    private readonly List<Meter> _meters = [];
    private bool _isDisposed;

    /// <inheritdoc />
    public Meter Create(MeterOptions options)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Meter? made = _meters.FirstOrDefault(meter =>
                meter.Name == options.Name && meter.Version == options.Version && options.Tags is null);
            if (made is not null)
            {
                return made;
            }

            made = new Meter(new MeterOptions(options.Name)
            {
                Version = options.Version,
                Tags = options.Tags,
                Scope = this,
            });
            _meters.Add(made);
            return made;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (Meter meter in _meters)
            {
                meter.Dispose();
            }
        }
    }
}
