using Pmq.Client;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests.Window;

/// <summary>A window's core with a time of its own.</summary>
internal sealed class WindowHarness(WindowOptions? options = null, long? mark = null)
{
    private readonly List<WindowEffect> _effects = [];

    public SequenceWindow Core { get; } = new(options ?? new WindowOptions(), mark);

    public TimeSpan Now { get; set; }

    public bool InStep => Core.IsInStep(Now);

    /// <summary>All that was decided, in order.</summary>
    public List<WindowEffect> Decided { get; } = [];

    public int Rejects => Decided.Count(effect => Verdict(effect) == AgentVerdict.Reject);

    public long[] Accepted =>
        [.. Decided.Where(e => e.Reason == JudgementReason.Accepted).Select(e => e.Report.Sequence)];

    public static AgentVerdict Verdict(WindowEffect effect) => JudgementVerdicts.Of(effect.Reason, effect.InStep);

    public static WindowReport Report(long sequence, uint content = 0, int bytes = 100) =>
        new(sequence, new ContentHash(0, content), new byte[bytes]);

    /// <summary>The reason for a report that is decided at once; null when it is held.</summary>
    public JudgementReason? Judge(long sequence, uint content = 0) => Judge(Report(sequence, content));

    public JudgementReason? Judge(WindowReport report)
    {
        Core.Handle(report, Now, _effects);
        WindowEffect[] own = [.. _effects.Where(effect => ReferenceEquals(effect.Report, report))];
        Flush();
        return own.Length == 0 ? null : Assert.Single(own).Reason;
    }

    /// <summary>Judges a report that is decided at once: reason and verdict.</summary>
    public (JudgementReason Reason, AgentVerdict Verdict) Decide(long sequence)
    {
        Assert.NotNull(Judge(sequence));
        return (Decided[^1].Reason, Verdict(Decided[^1]));
    }

    public void Advance(TimeSpan by)
    {
        Now += by;
        Core.Pass(Now, _effects);
        Flush();
    }

    /// <summary>Rising reports until the window is in step; returns the last sequence.</summary>
    public long GetInStep(long first)
    {
        TimeSpan half = Core.Options.InStepSpan / 2;
        Assert.Equal(JudgementReason.Accepted, Judge(first));
        for (int i = 1; i <= 2; i++)
        {
            Advance(half);
            Assert.Equal(JudgementReason.Accepted, Judge(first + i));
        }

        Assert.True(InStep);
        return first + 2;
    }

    private void Flush()
    {
        Decided.AddRange(_effects);
        _effects.Clear();
    }
}
