using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Tests.Fixtures;

/// <summary>Scores and admission that the test sets.</summary>
internal sealed class ScoreTable : PeerPolicy
{
    public Dictionary<GossipPeer, double> Scores { get; } = [];

    public Admission Admission { get; init; }

    public override double ScoreOf(GossipPeer peer) => Scores.GetValueOrDefault(peer);

    public override Admission Admit(GossipPeer peer, TimeSpan now) => Admission;
}
