using Pmq.Gossipsub;
using Pmq.Simulation.Attackers;

namespace Pmq.Simulation.Scenarios;

/// <summary>
/// Attackers that come up at the beginning, so that there is no sound mesh to begin with. The honest graft
/// opportunistically every ten heartbeats, below a score of 1, or of 10 where attackers score first.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="description">What happens.</param>
/// <param name="honestStart">How long before the honest they are there.</param>
/// <param name="isCovert">
/// Whether they behave like honest nodes until the warm-up is over: dial as many, keep such a mesh, pass all on.
/// </param>
internal sealed class InfiltrationScenario(string name, string description, TimeSpan honestStart, bool isCovert)
    : Scenario
{
    private static readonly TimeSpan MaxSpread = TimeSpan.FromSeconds(20);

    public override string Name => name;

    public override string Description => description;

    public override string Holds =>
        honestStart > TimeSpan.Zero
            ? "all is delivered, 99 of 100 at most 250 ms late (with fewer than 100 nodes, which have few links: 999 "
                + "of 1000 are delivered, 99 of 100 within a heartbeat and six latencies)"
            : "all is delivered, 99 of 100 at most 250 ms late (with fewer than 100 nodes, which have few links: "
                + "within a heartbeat and six latencies)";

    public override double SybilRatio => 4;

    public override Defences Control => Defences.Scoring;

    internal override TimeSpan HonestStart => honestStart;

    internal override GossipsubOptions Options { get; } = PublishedSetting.Options with
    {
        OpportunisticGraftTicks = 10,
        Scoring = PublishedSetting.Scoring with
        {
            Thresholds = PublishedSetting.Scoring.Thresholds with { OpportunisticGraft = isCovert ? 10 : 1 },
        },
    };

    internal override void Prepare(ScenarioRun run)
    {
        TimeSpan spread = isCovert ? (run.End - run.AttackAt) / 3 : run.AttackAt * (2.0 / 3);
        run.Mark(run.AttackAt, isCovert ? "flash" : "measured");
        run.AddAttackers(
            run.Honest,
            PublishedSetting.SybilDialsOf(run.Honest.Count),
            TimeSpan.Zero,
            spread < MaxSpread ? spread : MaxSpread,
            plan => new Infiltrator(plan, _ => isCovert && run.World.Now < run.AttackAt)
            {
                FlashAt = isCovert ? run.AttackAt : null,
                CovertDials = PublishedSetting.DialsOf(run.Honest.Count),
            });
    }

    internal override void Check(ScenarioRun run)
    {
        bool isSmall = run.IsSmall;
        if (isSmall && honestStart > TimeSpan.Zero)
        {
            run.RequireMostDelivery();
        }
        else
        {
            run.RequireDelivery();
        }

        run.RequireP99(isSmall ? run.GossipTime : TimeSpan.FromMilliseconds(250));
    }
}
