using System.Diagnostics.Metrics;
using Pmq.Engine.Runtime;

namespace Pmq.Engine.Validation;

/// <summary>The instruments <c>pmq.validation.*</c>.</summary>
internal sealed class ValidationMetrics
{
    private readonly Counter<long> _outcomes;
    private readonly Counter<long> _lateVerdicts;
    private readonly Counter<long> _attachments;
    private readonly Histogram<double> _duration;

    public ValidationMetrics(Meter meter)
    {
        _outcomes = meter.CreateCounter<long>(
            "pmq.validation.outcomes", "{message}", "Messages whose examination by a verifier ended.");
        _lateVerdicts = meter.CreateCounter<long>(
            "pmq.validation.verdicts.late", "{verdict}",
            "Verdicts on a message that its verifier does not hold: not asked, or too late.");
        _attachments = meter.CreateCounter<long>(
            "pmq.validation.verifier.changes", "{event}", "Verifiers that came and left.");
        _duration = meter.CreateHistogram<double>(
            "pmq.validation.duration", "s", "From the admission of a message to its verdict.");
    }

    public void CountOutcome(VerificationOutcome outcome, TimeSpan took)
    {
        _outcomes.AddGuarded(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));
        _duration.RecordGuarded(took.TotalSeconds);
    }

    public void CountLateVerdict() => _lateVerdicts.AddGuarded(1);

    public void CountAttached() => _attachments.AddGuarded(1, new KeyValuePair<string, object?>("event", "attached"));

    public void CountLeft() => _attachments.AddGuarded(1, new KeyValuePair<string, object?>("event", "left"));
}
