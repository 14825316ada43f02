using Pmq.Simulation.Attackers;
using Pmq.Simulation.Messages;
using Pmq.Simulation.Nodes;
using Pmq.Simulation.Reports;

namespace Pmq.Simulation.Scenarios;

/// <summary>
/// More messages than verifiers can judge, of a kind that costs their senders no score: the verifiers ignore them.
/// </summary>
internal sealed class QueueFloodScenario : Scenario
{
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(500);

    public override string Name => "queue-flood";

    public override string Description =>
        "Attackers send each target 1000 messages a second that verifiers ignore; a verifier judges 400 a second.";

    public override string Holds =>
        "all is delivered, 99 of 100 at most 500 ms late; without the protection more than that is late or lost";

    public override double SybilRatio => 0.1;

    public override Defences Control => Defences.QueueProtection;

    internal override VerifierOptions Verifier { get; } = new() { PerSecond = 400, QueueLength = 128 };

    internal override void Prepare(ScenarioRun run)
    {
        run.Mark(run.AttackAt, "attack");
        run.Note(run.AddAttackers(
            run.Honest,
            PublishedSetting.DialsOf(run.Honest.Count),
            TimeSpan.Zero,
            TimeSpan.FromSeconds(1),
            plan => new MessageSpammer(
                plan, TimeSpan.FromMilliseconds(50), run.AttackAt, MessageTruth.Ignore, 128, burst: 50)));
    }

    internal override void Check(ScenarioRun run)
    {
        Measure(run);
        run.RequireDelivery();
        run.RequireP99(Bound);
    }

    internal override void CheckControl(ScenarioRun run)
    {
        Measure(run);
        run.Require(
            "visibly-fails",
            run.Result.Lost > 0 || run.Result.P99 > Bound,
            "without the protection messages are lost, or more than one in a hundred is 500 ms late",
            $"{run.Result.Lost} lost, p99 {ReportText.Text(run.Result.P99)}");
    }

    private static void Measure(ScenarioRun run)
    {
        run.Fact("attack-sent", run.Attackers.Sum(attacker => attacker.Sent));
        run.Fact("attack-judged", run.Honest.Sum(node => node.VerdictCounts[(int)Gossipsub.Verdict.Ignore]));
    }
}
