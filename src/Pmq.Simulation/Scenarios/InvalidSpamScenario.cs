using Pmq.Gossipsub;
using Pmq.Simulation.Attackers;
using Pmq.Simulation.Messages;

namespace Pmq.Simulation.Scenarios;

/// <summary>Messages that the verifier rejects: P4.</summary>
internal sealed class InvalidSpamScenario : SpamScenario<MessageSpammer>
{
    // 0.25 · −99 · n² < −10,000 from n = 21 on; five a second.
    private const int Enough = 21;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    public override string Name => "invalid-spam";

    public override string Description => "Attackers send messages that every verifier rejects, five a second each.";

    public override string Holds =>
        "all is delivered, 99 of 100 at most 250 ms late; after 21 bad messages a sender is graylisted; "
        + "each link costs at most 24 rejections";

    public override Defences Control => Defences.Scoring;

    protected override TimeSpan? GraylistedWithin => (Interval * (Enough + 1)) + TimeSpan.FromSeconds(1);

    protected override MessageSpammer Create(AttackPlan plan, TimeSpan from) =>
        new(plan, Interval, from, MessageTruth.Reject, 256, burst: 1);

    protected override double WorkOf(ScenarioRun run, IReadOnlyList<MessageSpammer> attackers) =>
        run.Honest.Sum(node => node.VerdictCounts[(int)Verdict.Reject]);

    protected override void CheckWork(ScenarioRun run, IReadOnlyList<MessageSpammer> attackers, int links) =>
        run.RequireAtMost("rejections", WorkOf(run, attackers), (Enough + 3) * links);
}
