using System.Diagnostics.Metrics;
using Pmq.Gossipsub;
using Pmq.Testing;

namespace Pmq.Engine.Tests;

/// <summary>What is lost is counted by its reason, and what fills up can be seen.</summary>
public sealed class MetricsTests
{
    private const string Topic = "t";

    [Fact]
    public async Task Drops_outcomes_and_depths_are_there_to_be_read()
    {
        using var factory = new OwnMeterFactory();
        var time = new VirtualTimeProvider();
        await using PmqPeer peer = await PeerHarness.StartAsync(Options(factory) with { TimeProvider = time });
        await using MessageListener slow = peer.Listen(new ListenOptions { QueueSize = 1 });
        await using MessageListener rated = peer.Listen(new ListenOptions { MaxRate = 1 });
        for (int i = 0; i < 3; i++)
        {
            await peer.PublishAsync(Topic, BitConverter.GetBytes(i), PeerHarness.Deadline);
        }

        Dictionary<string, double> read = factory.Read();

        Assert.Equal(2, read["pmq.listener.dropped reason=queue_full"]);
        Assert.Equal(2, read["pmq.listener.dropped reason=rate"]);
        Assert.Equal(2, read["pmq.listener.queue.count"]);
        Assert.Equal(3, read["pmq.gossipsub.messages.published"]);
        Assert.Equal(0, read["pmq.validation.pending"]);
        Assert.Equal(0, read["pmq.gossipsub.outbound.queue.bytes"]);
        Assert.Contains("pmq.gossipsub.messages.dropped reason=QueueFull", read.Keys);
        Assert.Contains("pmq.gossipsub.seen.horizon", read.Keys);
    }

    [Fact]
    public async Task Verdicts_are_counted_by_outcome()
    {
        using var factory = new OwnMeterFactory();
        await using Pair pair = await Pair.StartAsync(
            Options(factory) with { ListenAddresses = [], Validation = ValidationMode.Required }, loopback: false);
        await using VerifierAttachment verifier = pair.B.AttachVerifier(new VerifierOptions { Name = "v" });
        Task judging = verifier.JudgeAllAsync(Verdict.Accept);

        await pair.PassAsync("x"u8.ToArray());
        Assert.False(verifier.Report(Topic, "00", Verdict.Accept));
        Dictionary<string, double> read = factory.Read();

        Assert.Equal(1, read["pmq.validation.outcomes outcome=Accepted"]);
        Assert.Equal(1, read["pmq.validation.verdicts.late"]);
        Assert.Equal(1, read["pmq.validation.verifier.changes event=attached"]);
        await verifier.DisposeAsync();
        await judging;
    }

    private static PmqPeerOptions Options(IMeterFactory factory) => new()
    {
        ListenAddresses = [],
        Topics = [Topic],
        MeterFactory = factory,
        Validation = ValidationMode.None,
    };

    /// <summary>Meters of this test alone, and the last or summed value of each instrument and tag.</summary>
    private sealed class OwnMeterFactory : IMeterFactory
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
}
