using Pmq.Simulation.Attackers;
using Pmq.Simulation.Links;
using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Scenarios;

/// <summary>
/// Looks every <see cref="Interval"/> which attackers the honest nodes that they attack have graylisted, and notes when.
/// </summary>
internal sealed class GraylistWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly ScenarioRun _run;
    private readonly IReadOnlyList<Attacker> _attackers;
    private readonly Dictionary<(Actor, Actor), TimeSpan> _first = [];
    private readonly HashSet<(Actor, Actor)> _met = [];

    /// <summary>Begins to look when the attack begins.</summary>
    public GraylistWatch(ScenarioRun run, IReadOnlyList<Attacker> attackers)
    {
        _run = run;
        _attackers = attackers;
        run.World.Every(Interval, run.AttackAt, run.End, Look);
    }

    /// <summary>Pairs of attacker and honest node that were connected.</summary>
    public int Links => _met.Count;

    /// <summary>Those of them where the attacker was graylisted.</summary>
    public int Graylisted => _first.Count;

    /// <summary>From the begin of the attack until the last of them was; zero when none was.</summary>
    public TimeSpan Last => _first.Count == 0 ? TimeSpan.Zero : _first.Values.Max() - _run.AttackAt;

    private void Look()
    {
        foreach (Attacker attacker in _attackers)
        {
            foreach (Connection connection in attacker.Connections)
            {
                (Actor, Actor) pair = (attacker, connection.Remote);
                _met.Add(pair);
                if (!_first.ContainsKey(pair) && connection.Remote is HonestNode node && IsGraylisted(node, connection))
                {
                    _first.Add(pair, _run.World.Now);
                }
            }
        }
    }

    private bool IsGraylisted(HonestNode node, Connection connection) =>
        _run.Options.Scoring is { } scoring
        && node.Router.ScoreOf(HonestNode.PeerOf(connection.Reverse)) < scoring.Thresholds.Graylist;
}
