using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Networks;

/// <summary>A network whose reports are wanted.</summary>
/// <param name="Id">Its name, unique in a keyring.</param>
/// <param name="Overlays">The topics that carry its reports, and those of no other network.</param>
/// <param name="Epochs">Its configurations that are in force, each by its digest; more than one while they change.</param>
public sealed record Network(string Id, IReadOnlyList<string> Overlays, IReadOnlyList<NetworkEpoch> Epochs)
{
    /// <summary>What is too old and too new.</summary>
    public WindowOptions Window { get; init; } = new();
}
