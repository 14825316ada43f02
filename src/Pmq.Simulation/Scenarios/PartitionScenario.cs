using Pmq.Simulation.Links;
using Pmq.Simulation.Messages;
using Pmq.Simulation.Nodes;
using Pmq.Simulation.Reports;

namespace Pmq.Simulation.Scenarios;

/// <summary>The network falls into two halves, long enough for connections to be given up, and heals.</summary>
internal sealed class PartitionScenario : Scenario
{
    // Dials across are given up 4 s after they were made and made again 1 to 3 s later; then a handshake, and a
    // heartbeat until meshes and gossip pass on.
    private static readonly TimeSpan Liveness = TimeSpan.FromSeconds(9);
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(8);

    public override string Name => "partition";

    public override string Description => "The network is cut into halves for 8 s, twice as long as connections last, then heals.";

    public override string Holds =>
        "each half goes on by itself; what gossip still advertises when the first link is back reaches everyone; "
        + "all is delivered everywhere, 99 of 100 at most 250 ms late, from 9 s after the healing on";

    internal override LinkOptions Links { get; } = new() { GiveUpAfter = TimeSpan.FromSeconds(4) };

    internal override void Prepare(ScenarioRun run)
    {
        TimeSpan heal = run.AttackAt + Cut;
        var halves = new PartitionTimes();
        run.Note(halves);
        run.Mark(run.AttackAt, "cut");
        run.Mark(heal, "healed");
        run.World.At(run.AttackAt, () => run.World.Partition(SideOf));
        run.World.At(heal, run.World.Heal);
        run.World.Every(TimeSpan.FromMilliseconds(100), heal, run.End + Drain, () => halves.Look(run, SideOf));
    }

    internal override void Check(ScenarioRun run)
    {
        PartitionTimes halves = run.Noted<PartitionTimes>();
        TimeSpan heal = run.AttackAt + Cut;
        TimeSpan alive = heal + Liveness;

        // Of the heartbeats that a message is advertised one is under way when it is published, and one passes before the
        // new link is used.
        TimeSpan advertised = halves.FirstLink - (run.Options.HeartbeatInterval * (run.Options.HistoryGossip - 2));
        run.Fact("first-link-after-seconds", (halves.FirstLink - heal).TotalSeconds);
        RequireLost(run, "own-half", "each half gets its own messages", (message, node) =>
            message.CreatedAt < run.End && SideOf(message.Author!) == SideOf(node));
        RequireLost(run, "recovered", "all gets everywhere that gossip advertises when the first link is back",
            (message, _) => message.CreatedAt >= advertised && message.CreatedAt < run.End);
        bool isLong = run.End > alive;
        Measuring.Summary after = run.World.Measure.Summarize(isLong ? alive : run.End, run.End);
        run.Require(
            "alive",
            !isLong || (after.Lost == 0 && after.Published > 0 && after.P99 <= TimeSpan.FromMilliseconds(250)),
            $"from {Liveness.TotalSeconds:0} s after the healing on all is delivered, 99 of 100 at most 250 ms late",
            isLong ? $"{after.Delivered} of {after.Expected}, p99 {ReportText.Text(after.P99)}" : "not measured so long");
    }

    private static int SideOf(Actor actor) => actor.Number & 1;

    private static void RequireLost(
        ScenarioRun run, string name, string expected, Func<SimMessage, HonestNode, bool> isDue)
    {
        long due = 0;
        long delivered = 0;
        for (int i = 0; i < run.World.Messages.Count; i++)
        {
            SimMessage message = run.World.Messages[i];
            foreach (HonestNode node in message.CreatedAt < run.AttackAt ? [] : run.Honest)
            {
                if (node != message.Author && isDue(message, node))
                {
                    due++;
                    delivered += message.WasDeliveredTo(node) ? 1 : 0;
                }
            }
        }

        run.Require(name, due > 0 && delivered == due, expected, $"{delivered} of {due}");
    }

    /// <summary>When the first link between the halves was back.</summary>
    private sealed class PartitionTimes
    {
        public TimeSpan FirstLink { get; private set; } = TimeSpan.MaxValue;

        public void Look(ScenarioRun run, Func<Actor, int> sideOf)
        {
            if (FirstLink == TimeSpan.MaxValue && run.Honest.Any(node => node.Connections.Any(
                link => sideOf(link.Remote) != sideOf(node))))
            {
                FirstLink = run.World.Now;
            }
        }
    }
}
