using Pmq.Simulation.Attackers;

namespace Pmq.Simulation.Scenarios;

/// <summary>Advertisements of what does not exist: broken promises, P7.</summary>
internal sealed class IHaveSpamScenario : SpamScenario<IHaveSpammer>
{
    private const int IdsOfRpc = 250;

    public override string Name => "ihave-spam";

    public override string Description => "Attackers advertise 5000 made-up ids a second, twenty times 250, and send none of them.";

    public override string Holds =>
        "all is delivered, 99 of 100 at most 250 ms late; promises are found broken after 3 s and the advertiser is "
        + "graylisted within 12 heartbeats; each link costs at most 30,000 ids asked for";

    public override Defences Control => Defences.Scoring;

    // 3 s until a promise is broken, then one misdeed for each of ten IHAVEs a heartbeat (no more are taken), of which 55 are enough:
    // −5 · 45² < −10,000.
    protected override TimeSpan? GraylistedWithin => TimeSpan.FromSeconds(12);

    protected override IHaveSpammer Create(AttackPlan plan, TimeSpan from) =>
        new(plan, TimeSpan.FromMilliseconds(50), from, IdsOfRpc);

    protected override double WorkOf(ScenarioRun run, IReadOnlyList<IHaveSpammer> attackers) =>
        attackers.Sum(attacker => attacker.Asked);

    protected override void CheckWork(ScenarioRun run, IReadOnlyList<IHaveSpammer> attackers, int links)
    {
        // The room for whoever comes is filled again each 3 s, until the advertiser is not listened to.
        run.RequireAtMost("ids-asked", WorkOf(run, attackers), 4.0 * run.Options.MaxWantedIds * 3 / 8 * links);

        // Of twenty IHAVEs a heartbeat ten are looked at, until the advertiser is not listened to.
        run.RequireAtMost(
            "ids-looked-at",
            run.Honest.Sum(node => node.Router.Counters.IHaveIdsOverLimit) + WorkOf(run, attackers),
            12.0 * run.Options.MaxIHaveMessages * IdsOfRpc * links);
    }
}
