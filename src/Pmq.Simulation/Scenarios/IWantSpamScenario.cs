using Pmq.Simulation.Attackers;

namespace Pmq.Simulation.Scenarios;

/// <summary>The same messages asked for again and again.</summary>
internal sealed class IWantSpamScenario : SpamScenario<IWantSpammer>
{
    public override string Name => "iwant-spam";

    public override string Description => "Attackers ask for the latest 200 messages ten times a second.";

    public override string Holds =>
        "all is delivered, 99 of 100 at most 250 ms late; a peer gets a message on request at most three times";

    protected override TimeSpan? GraylistedWithin => null;

    protected override IWantSpammer Create(AttackPlan plan, TimeSpan from) =>
        new(plan, TimeSpan.FromMilliseconds(100), from, 200);

    protected override double WorkOf(ScenarioRun run, IReadOnlyList<IWantSpammer> attackers) =>
        attackers.Sum(attacker => attacker.Answers);

    // Once by flood publishing, three times on request.
    protected override void CheckWork(ScenarioRun run, IReadOnlyList<IWantSpammer> attackers, int links)
    {
        int copies = attackers.Count == 0 ? 0 : attackers.Max(attacker => attacker.MostCopies);
        run.Fact("most-copies", copies);
        run.RequireAtMost("copies", copies, run.Options.GossipRetransmission + 1);
    }
}
