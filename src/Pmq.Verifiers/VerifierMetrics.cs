using System.Diagnostics;
using System.Diagnostics.Metrics;
using Pmq.Client;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers;

/// <summary>
/// What a verifier measures, under the meter <c>Pmq.Verifiers</c>. Networks and digests are those of the keyring, so
/// their number is bounded.
/// </summary>
internal sealed class VerifierMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _judged;
    private readonly Counter<long> _equivocations;
    private readonly Counter<long> _faults;
    private readonly Meter? _owned;
    private readonly Func<NetworkWindow[]> _windows;

    public VerifierMetrics(IMeterFactory? factory, Func<NetworkWindow[]> windows)
    {
        _windows = windows;
        _meter = factory?.Create("Pmq.Verifiers") ?? (_owned = new Meter("Pmq.Verifiers"));
        _judged = _meter.CreateCounter<long>(
            "pmq.verifier.judged", "{message}", "Messages judged, by network, verdict and reason.");
        _equivocations = _meter.CreateCounter<long>(
            "pmq.verifier.equivocations", "{pair}", "Pairs of different reports of one sequence, by network.");
        _faults = _meter.CreateCounter<long>(
            "pmq.verifier.faults", "{call}", "Calls of this machine's own parts that failed, by part.");
        _meter.CreateObservableGauge(
            "pmq.verifier.window.high", Highs, "{sequence}", "The highest sequence accepted, by network and digest.");
        _meter.CreateObservableGauge(
            "pmq.verifier.window.in_step", InStep, null, "1 while in step, else 0, by network and digest.");
        _meter.CreateObservableGauge(
            "pmq.verifier.window.held", Held, "{message}", "Reports that wait for a window to settle.");
    }

    /// <summary>A message is judged; null is no known network.</summary>
    public void Judged(string? networkId, AgentVerdict verdict, JudgementReason reason)
    {
        var tags = new TagList { { "verdict", verdict.ToString() }, { "reason", reason.ToString() } };
        if (networkId is not null)
        {
            tags.Add("network", networkId);
        }

        _judged.Add(1, tags);
    }

    /// <summary>An equivocation is reported.</summary>
    public void Equivocated(string networkId) =>
        _equivocations.Add(1, new KeyValuePair<string, object?>("network", networkId));

    /// <summary>The store of marks failed, or a callback of the application threw.</summary>
    public void Faulted(string part) => _faults.Add(1, new KeyValuePair<string, object?>("part", part));

    /// <inheritdoc />
    public void Dispose() => _owned?.Dispose();

    private IEnumerable<Measurement<long>> Highs() => _windows()
        .Select(window => (Window: window, window.Gauges().High))
        .Where(measured => measured.High is not null)
        .Select(measured => new Measurement<long>(measured.High!.Value, Tags(measured.Window)));

    private IEnumerable<Measurement<int>> InStep() =>
        _windows().Select(window => new Measurement<int>(window.Gauges().InStep ? 1 : 0, Tags(window)));

    private IEnumerable<Measurement<int>> Held() =>
        _windows().Select(window => new Measurement<int>(window.Gauges().Held, Tags(window)));

    private static KeyValuePair<string, object?>[] Tags(NetworkWindow window) =>
        [new("network", window.NetworkId), new("digest", window.Digest.ToString())];
}
