namespace Pmq.Client;

/// <summary>What an agent compares scores with.</summary>
/// <param name="Gossip">Below it a peer gets no gossip.</param>
/// <param name="Publish">Below it a peer outside the mesh gets no publication.</param>
/// <param name="Graylist">Below it what a peer sends is dropped unread.</param>
/// <param name="AcceptPx">From it on the peers that a PRUNE names are connected to.</param>
/// <param name="OpportunisticGraft">While the median of a mesh is below it, better peers are grafted.</param>
public sealed record AgentScoreThresholds(
    double Gossip, double Publish, double Graylist, double AcceptPx, double OpportunisticGraft);
