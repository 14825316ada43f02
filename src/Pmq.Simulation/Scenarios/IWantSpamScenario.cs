using Pmq.Simulation.Attackers;

namespace Pmq.Simulation.Scenarios;

/// <summary>The same messages asked for again and again.</summary>
internal sealed class IWantSpamScenario : SpamScenario<IWantSpammer>
{
    public override string Name => "iwant-spam";

    public override string Description => "Attackers ask for the latest 200 messages and 800 made-up ids ten times a second.";

    public override string Holds =>
        "all is delivered, 99 of 100 at most 250 ms late; a peer gets a message on request at most three times, and no more "
        + "than 5000 ids of it are looked for in a heartbeat";

    protected override TimeSpan? GraylistedWithin => null;

    protected override IWantSpammer Create(AttackPlan plan, TimeSpan from) =>
        new(plan, TimeSpan.FromMilliseconds(100), from, 200, 800);

    protected override double WorkOf(ScenarioRun run, IReadOnlyList<IWantSpammer> attackers) =>
        attackers.Sum(attacker => attacker.Answers);

    // Once by flood publishing, three times on request.
    protected override void CheckWork(ScenarioRun run, IReadOnlyList<IWantSpammer> attackers, int links)
    {
        int copies = attackers.Count == 0 ? 0 : attackers.Max(attacker => attacker.MostCopies);
        run.Fact("most-copies", copies);
        run.RequireAtMost("copies", copies, run.Options.GossipRetransmission + 1);

        // One heartbeat more than the time has: each node has its own phase.
        double heartbeats = ((run.End + Drain - run.AttackAt) / run.Options.HeartbeatInterval) + 1;
        run.RequireAtMost(
            "ids-looked-for",
            run.Honest.Sum(node => node.Router.Counters.IWantIdsUnknown + node.Router.Counters.IWantAnswers),
            heartbeats * run.Options.MaxIWantLength * links);
    }
}
