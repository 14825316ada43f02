using Pmq.Simulation.Attackers;

namespace Pmq.Simulation.Scenarios;

/// <summary>
/// Sinkholes take places in the meshes of their victims, bit by bit over a third of the measured time at most. Where
/// only some are attacked, the places that they keep for peers of their own choice are enough, with scores or without:
/// the other side of those links is not attacked.
/// </summary>
internal sealed class EclipseScenario(
    string name, string whom, double ratio, Defences control, Func<ScenarioRun, IReadOnlyList<Actor>> victims) : Scenario
{
    private static readonly TimeSpan MaxSpread = TimeSpan.FromSeconds(20);

    public override string Name => name;

    public override string Description =>
        $"Sinkholes arrive one after another and take places in the meshes of {whom}.";

    public override string Holds => "all is delivered, at most 200 ms late";

    public override double SybilRatio => ratio;

    public override Defences Control => control;

    internal override void Prepare(ScenarioRun run)
    {
        TimeSpan spread = (run.End - run.AttackAt) / 3;
        IReadOnlyList<Actor> targets = victims(run);
        run.Mark(run.AttackAt, "attack");
        run.AddAttackers(
            targets,
            PublishedSetting.SybilDialsOf(run.Honest.Count),
            run.AttackAt,
            spread < MaxSpread ? spread : MaxSpread,
            plan => new Infiltrator(plan, _ => false));
    }

    internal override void Check(ScenarioRun run)
    {
        run.RequireDelivery();
        run.RequireMax(TimeSpan.FromMilliseconds(200));
    }
}
