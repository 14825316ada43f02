using System.Globalization;

namespace Pmq.Interop.Tests.Mesh;

/// <summary>A run of a mesh of js peers and ours.</summary>
internal sealed record MeshPlan
{
    /// <summary>The variable that gives the length of the run in seconds; <c>tests/run-mesh</c> sets it.</summary>
    public const string SecondsVariable = "PMQ_MESH_SECONDS";

    /// <summary>Peers of each kind.</summary>
    public int PeersOfEach { get; init; } = 5;

    /// <summary>How many of those after it each peer dials.</summary>
    public int Dials { get; init; } = 4;

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Messages that each peer publishes in a second.</summary>
    public int PerSecond { get; init; } = 10;

    /// <summary>
    /// Sizes of the messages, in turn: three below what either side sends IDONTWANT for, one above.
    /// </summary>
    public IReadOnlyList<int> Sizes { get; init; } = [64, 200, 400, 4096];

    /// <summary>D, D_lo and D_hi of both kinds: less than the neighbours that a peer has, so that there is gossip.</summary>
    public (int D, int Low, int High) Mesh { get; init; } = (4, 3, 6);

    /// <summary>
    /// The newest version of gossipsub that each js peer speaks; one for which none is named speaks all.
    /// </summary>
    public IReadOnlyList<string> JsVersions { get; init; } = [];

    /// <summary>Messages that each peer publishes in the run.</summary>
    public int Messages => (int)(Duration.TotalSeconds * PerSecond);

    /// <summary>The plan with the length that the environment asks for.</summary>
    public static MeshPlan FromEnvironment() =>
        Environment.GetEnvironmentVariable(SecondsVariable) is { Length: > 0 } seconds
            ? new MeshPlan { Duration = TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)) }
            : new MeshPlan();
}
