using Pmq.Gossipsub;
using Pmq.Simulation.Messages;
using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Checks;

/// <summary>What must hold at every step of a run. Violations are collected; the run goes on.</summary>
public sealed class Checkers
{
    private const int MaxViolations = 100;

    private readonly World _world;
    private readonly List<Violation> _violations = [];

    internal Checkers(World world) => _world = world;

    /// <summary>What did not hold, in order; at most 100 are kept.</summary>
    public IReadOnlyList<Violation> Violations => _violations;

    /// <summary>How many there were in all.</summary>
    public long ViolationCount { get; private set; }

    /// <summary>Notes a violation: for checks of a scenario's own.</summary>
    public void Report(Actor? actor, string rule, string detail)
    {
        ViolationCount++;
        if (_violations.Count < MaxViolations)
        {
            _violations.Add(new Violation(_world.Now, actor?.Number ?? -1, rule, detail));
        }
    }

    internal void AfterHeartbeat(HonestNode node) => CheckMesh(node);

    internal void OnDelivery(HonestNode node, SimMessage? message)
    {
        if (message is null || message.Truth != MessageTruth.Accept)
        {
            Report(node, "what its verifier does not accept is not delivered", $"message {message?.Number ?? -1}");
        }
        else if (message.WasDeliveredTo(node))
        {
            Report(node, "a message is delivered once", $"message {message.Number}");
        }
    }

    internal void OnPenalty(HonestNode node, Actor peer, Misbehaviour misbehaviour)
    {
        if (peer.IsHonest && misbehaviour is not Misbehaviour.BrokenPromise)
        {
            Report(node, "the honest do not offend the honest", $"{misbehaviour} by actor {peer.Number}");
        }
    }

    private void CheckMesh(HonestNode node)
    {
        (int honest, int other) = node.MeshCounts;
        GossipsubOptions options = node.Options.Gossipsub ?? _world.Options.Gossipsub;
        int most = (options.EffectiveHigh + options.EffectiveOutbound) * node.Router.Topics.Count;
        if (honest + other > most)
        {
            Report(node, "a mesh stays within D_hi", $"{honest + other} places, at most {most}");
        }
    }
}
