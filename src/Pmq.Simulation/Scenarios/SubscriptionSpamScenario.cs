using Pmq.Simulation.Attackers;

namespace Pmq.Simulation.Scenarios;

/// <summary>Ever new topics: the tables of topics, and P7.</summary>
internal sealed class SubscriptionSpamScenario : SpamScenario<SubscriptionSpammer>
{
    public override string Name => "subscription-spam";

    public override string Description => "Attackers announce 5000 new topics a second and take half of them back.";

    public override string Holds =>
        "all is delivered, 99 of 100 at most 250 ms late; a node knows at most 100 topics of each peer, and graylists the "
        + "flooder within 7 heartbeats";

    public override Defences Control => Defences.Scoring;

    // Of 500 topics in each of five RPCs a heartbeat 400 are ignored. Beyond a thousand of them an RPC is one misdeed and
    // one more for each hundred, 3, 5 and 5, of which 55 are enough: −5 · 45² < −10,000. The first heartbeat is a part.
    protected override TimeSpan? GraylistedWithin => TimeSpan.FromSeconds(7);

    protected override SubscriptionSpammer Create(AttackPlan plan, TimeSpan from) =>
        new(plan, TimeSpan.FromMilliseconds(100), from, 500);

    protected override double WorkOf(ScenarioRun run, IReadOnlyList<SubscriptionSpammer> attackers) =>
        run.Honest.Max(node => node.Router.KnownTopicCount);

    protected override void CheckWork(ScenarioRun run, IReadOnlyList<SubscriptionSpammer> attackers, int links)
    {
        int peers = run.Honest.Max(node => node.Connections.Count(connection => !connection.Remote.IsHonest));
        run.RequireAtMost("topics-known", WorkOf(run, attackers), (100.0 * peers) + run.Honest[0].Router.Topics.Count);
    }
}
