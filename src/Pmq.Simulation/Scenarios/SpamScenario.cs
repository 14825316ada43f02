using Pmq.Simulation.Attackers;

namespace Pmq.Simulation.Scenarios;

/// <summary>
/// Attackers that send what is not wanted. The honest must not notice, the work must be bounded, and where the protocol
/// punishes it the attackers must be graylisted by everyone whom they attack, in as many heartbeats as the parameters
/// say.
/// </summary>
internal abstract class SpamScenario<T> : Scenario
    where T : Attacker
{
    public override double SybilRatio => 0.1;

    /// <summary>From the begin of the attack until everyone has graylisted the attackers; null if nobody is to.</summary>
    protected abstract TimeSpan? GraylistedWithin { get; }

    internal override void Prepare(ScenarioRun run)
    {
        run.Mark(run.AttackAt, "attack");
        IReadOnlyList<T> attackers = run.AddAttackers(
            run.Honest,
            PublishedSetting.DialsOf(run.Honest.Count),
            TimeSpan.Zero,
            TimeSpan.FromSeconds(1),
            plan => Create(plan, run.AttackAt));
        run.Note(attackers);
        run.Note(new GraylistWatch(run, attackers));
    }

    internal override void Check(ScenarioRun run)
    {
        Measure(run);
        run.RequireDelivery();
        run.RequireP99(TimeSpan.FromMilliseconds(250));
        GraylistWatch watch = run.Noted<GraylistWatch>();
        if (GraylistedWithin is { } within)
        {
            run.Require(
                "graylisted",
                watch.Graylisted == watch.Links && watch.Links > 0 && watch.Last <= within,
                $"every attacked node graylists its attackers within {within.TotalSeconds:0.0} s",
                $"{watch.Graylisted} of {watch.Links}, the last after {watch.Last.TotalSeconds:0.0} s");
        }

        CheckWork(run, run.Noted<IReadOnlyList<T>>(), watch.Links);
    }

    internal override void CheckControl(ScenarioRun run)
    {
        Measure(run);
        run.Require(
            "visibly-fails",
            run.Noted<GraylistWatch>().Graylisted == 0 && WorkOf(run, run.Noted<IReadOnlyList<T>>()) > 0,
            "without the defence nobody is graylisted",
            $"{run.Noted<GraylistWatch>().Graylisted} of {run.Noted<GraylistWatch>().Links}");
    }

    /// <summary>Makes an attacker that behaves until a time.</summary>
    protected abstract T Create(AttackPlan plan, TimeSpan from);

    /// <summary>The work that the attack made, in the unit that <see cref="CheckWork"/> bounds.</summary>
    protected abstract double WorkOf(ScenarioRun run, IReadOnlyList<T> attackers);

    /// <summary>Checks that the work is bounded.</summary>
    protected abstract void CheckWork(ScenarioRun run, IReadOnlyList<T> attackers, int links);

    private void Measure(ScenarioRun run)
    {
        IReadOnlyList<T> attackers = run.Noted<IReadOnlyList<T>>();
        GraylistWatch watch = run.Noted<GraylistWatch>();
        run.Fact("attack-links", watch.Links);
        run.Fact("attack-links-graylisted", watch.Graylisted);
        run.Fact("graylisted-after-seconds", watch.Last.TotalSeconds);
        run.Fact("attack-sent", attackers.Sum(attacker => attacker.Sent));
        run.Fact("attack-work", WorkOf(run, attackers));
    }
}
