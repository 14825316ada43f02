namespace Pmq.Cli.Demo;

/// <summary>What carries a network's reports, on the average.</summary>
/// <param name="MeshPeers">Peers in the overlay's mesh of a subscriber.</param>
/// <param name="Peers">Peers that an agent of the network is connected to.</param>
internal readonly record struct MeshSample(double MeshPeers, double Peers);
