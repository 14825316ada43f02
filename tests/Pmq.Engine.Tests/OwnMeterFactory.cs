using System.Diagnostics.Metrics;

namespace Pmq.Engine.Tests;

/// <summary>Meters of this test alone, and the last or summed value of each instrument and tag.</summary>
internal sealed class OwnMeterFactory : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly List<Meter> _meters = [];
    private readonly Lock _gate = new();
    private readonly Dictionary<string, double> _values = [];

    public OwnMeterFactory()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == this)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((from, value, tags, _) => Note(from, value, tags));
        _listener.SetMeasurementEventCallback<int>((from, value, tags, _) => Note(from, value, tags));
        _listener.SetMeasurementEventCallback<double>((from, value, tags, _) => Note(from, value, tags));
        _listener.Start();
    }

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options.Name, options.Version, options.Tags, scope: this);
        _meters.Add(meter);
        return meter;
    }

    public Dictionary<string, double> Read()
    {
        _listener.RecordObservableInstruments();
        lock (_gate)
        {
            return new Dictionary<string, double>(_values);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string name = instrument.Name;
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            name += $" {tag.Key}={tag.Value}";
        }

        lock (_gate)
        {
            double before = instrument.IsObservable ? 0 : _values.GetValueOrDefault(name);
            _values[name] = before + value;
        }
    }
}
