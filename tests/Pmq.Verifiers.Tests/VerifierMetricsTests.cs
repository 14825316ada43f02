using System.Diagnostics.Metrics;

namespace Pmq.Verifiers.Tests;

/// <summary>What a verifier measures.</summary>
public sealed class VerifierMetricsTests
{
    [Fact]
    public async Task Judgements_windows_and_equivocations_are_measured_by_network()
    {
        using MeterFactory factory = new();
        await using VerifierHarness harness = new(with: options => options with { MeterFactory = factory });
        using MeterListener listener = new();
        Dictionary<string, double> measured = [];
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter, factory.Made))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((of, value, tags, _) => Add(measured, of, value, tags));
        listener.SetMeasurementEventCallback<int>((of, value, tags, _) => Add(measured, of, value, tags));
        listener.Start();

        await harness.GetInStepAsync(10);
        await harness.JudgeAsync(11);
        await harness.JudgeAsync(11, "other");
        await harness.JudgeAsync(1_000_000);
        await harness.JudgeAsync([1]);
        listener.RecordObservableInstruments();

        string digest = Reports.TestNetwork.Digest.ToString();
        Assert.Equal(
            new Dictionary<string, double>
            {
                ["pmq.verifier.judged network=don-a reason=Accepted verdict=Accept"] = 4,
                ["pmq.verifier.judged network=don-a reason=Seen verdict=Ignore"] = 1,
                ["pmq.verifier.judged network=don-a reason=Equivocation verdict=Ignore"] = 1,
                ["pmq.verifier.judged network=don-a reason=TooNew verdict=Reject"] = 1,
                ["pmq.verifier.judged reason=Malformed verdict=Reject"] = 1,
                ["pmq.verifier.equivocations network=don-a"] = 1,
                [$"pmq.verifier.window.high digest={digest} network=don-a"] = 13,
                [$"pmq.verifier.window.in_step digest={digest} network=don-a"] = 1,
                [$"pmq.verifier.window.held digest={digest} network=don-a"] = 0,
            },
            measured);
    }

    private static void Add(
        Dictionary<string, double> measured,
        Instrument instrument,
        double value,
        ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        IEnumerable<string> sorted =
            tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal);
        string key = string.Join(' ', sorted.Prepend(instrument.Name));
        measured[key] = measured.GetValueOrDefault(key) + value;
    }

    private sealed class MeterFactory : IMeterFactory
    {
        public Meter? Made { get; private set; }

        public Meter Create(MeterOptions options) => Made = new Meter(options);

        public void Dispose() => Made?.Dispose();
    }
}
