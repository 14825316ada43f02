namespace Pmq.Cli.Demo;

/// <summary>A run at one moment.</summary>
/// <param name="Phase">What is under way.</param>
/// <param name="Tally">How it stands.</param>
/// <param name="Meshes">The mesh of each network's overlay; empty before it was looked at.</param>
internal sealed record DemoStatus(string Phase, Tally Tally, IReadOnlyList<MeshSample> Meshes);
