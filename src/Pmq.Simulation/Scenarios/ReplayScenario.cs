using Pmq.Gossipsub;
using Pmq.Simulation.Attackers;

namespace Pmq.Simulation.Scenarios;

/// <summary>Messages come back when their ids have been forgotten.</summary>
internal sealed class ReplayScenario : Scenario
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(6);

    public override string Name => "replay";

    public override string Description =>
        "Attackers send every message again when the honest, who remember ids for 6 s here, have forgotten it.";

    public override string Holds =>
        "each replayed message reaches a verifier once, is ignored there and is not delivered again; "
        + "new messages are delivered, 99 of 100 at most 250 ms late";

    public override double SybilRatio => 0.1;

    internal override GossipsubOptions Options { get; } = PublishedSetting.Options with { SeenTtl = Ttl };

    internal override void Prepare(ScenarioRun run)
    {
        run.Mark(run.AttackAt, "attack");
        run.Note(run.AddAttackers(
            run.Honest,
            PublishedSetting.DialsOf(run.Honest.Count),
            run.AttackAt,
            TimeSpan.FromSeconds(1),
            plan => new Replayer(plan, Ttl * 2)));
    }

    internal override void Check(ScenarioRun run)
    {
        IReadOnlyList<Replayer> attackers = run.Noted<IReadOnlyList<Replayer>>();
        run.RequireDelivery();
        run.RequireP99(TimeSpan.FromMilliseconds(250));
        int replayed = attackers.SelectMany(attacker => attacker.Replayed).Distinct().Count();
        long ignored = run.Honest.Sum(node => node.VerdictCounts[(int)Verdict.Ignore]);
        run.Fact("replayed", replayed);
        run.Fact("ignored-by-verifiers", ignored);
        run.Require(
            "replayed-once",
            ignored > 0 && ignored <= (long)replayed * run.Honest.Count,
            $"each of {replayed} replayed messages reaches each verifier at most once, and some do",
            $"{ignored} reached {run.Honest.Count} verifiers");
    }
}
