using Pmq.Simulation.Attackers;
using Pmq.Simulation.Measuring;
using Pmq.Simulation.Messages;
using Pmq.Simulation.Nodes;
using Pmq.Simulation.Reports;

namespace Pmq.Simulation.Scenarios;

/// <summary>
/// More messages than verifiers can judge, of a kind that costs their senders no score: the verifiers ignore them.
/// </summary>
internal sealed class QueueFloodScenario : Scenario
{
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(750);

    // Until then the protection learns who floods.
    private static readonly TimeSpan Learning = TimeSpan.FromSeconds(3);

    public override string Name => "queue-flood";

    public override string Description =>
        "Attackers send each target 1000 messages a second that verifiers ignore; a verifier judges 200 a second.";

    public override string Holds =>
        "999 of 1000 deliveries are made; from 3 s after its begin 99 of 100 at most 750 ms late; without the protection more than that "
        + "is late or lost";

    public override double SybilRatio => 0.2;

    public override Defences Control => Defences.QueueProtection;

    internal override VerifierOptions Verifier { get; } = new() { PerSecond = 200, QueueLength = 64 };

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
        run.RequireMostDelivery();
        Summary after = Measure(run);
        run.Require(
            "latency-p99", after.P99 <= Bound, "from 3 s after the begin p99 at most 750 ms", ReportText.Text(after.P99));
    }

    internal override void CheckControl(ScenarioRun run)
    {
        Summary after = Measure(run);
        run.Require(
            "visibly-fails",
            after.Lost > 0 || after.P99 > Bound,
            "without the protection messages are lost, or more than one in a hundred is 750 ms late",
            $"{after.Lost} lost, p99 {ReportText.Text(after.P99)}");
    }

    private static Summary Measure(ScenarioRun run)
    {
        run.Fact("attack-sent", run.Attackers.Sum(attacker => attacker.Sent));
        run.Fact("attack-judged", run.Honest.Sum(node => node.VerdictCounts[(int)Gossipsub.Verdict.Ignore]));
        return run.World.Measure.Summarize(run.AttackAt + Learning, run.End);
    }
}
