namespace Pmq.Gossipsub;

/// <summary>The sizes of a topic's mesh and gossip; the symbols are those of the gossipsub specification.</summary>
public sealed record MeshParameters
{
    /// <summary><c>D</c>: peers wanted in the mesh. 0 to 1000; default 6.</summary>
    public int Degree { get; init; } = 6;

    /// <summary>
    /// <c>D_lo</c>: fewer in the mesh, and it is filled up. 0 to D; default null: 5, or D when D is less.
    /// </summary>
    public int? DegreeLow { get; init; }

    /// <summary>
    /// <c>D_hi</c>: more in the mesh, and it is pruned. D to 10,000; default null: 12, or 2·D when D is more than 6.
    /// </summary>
    public int? DegreeHigh { get; init; }

    /// <summary>
    /// <c>D_score</c>: kept by score when the mesh is pruned. 0 to D_hi; default null: 4, or D when D is less.
    /// </summary>
    public int? DegreeScore { get; init; }

    /// <summary>
    /// <c>D_out</c>: places in the mesh for peers that we dialed. Less than D_lo and than D/2; default null:
    /// max(0, min(2, D_lo − 1, (D − 1)/2)).
    /// </summary>
    public int? DegreeOutbound { get; init; }

    /// <summary><c>D_lazy</c>: peers that are told ids in each heartbeat, at least. 0 to 1000; default 6.</summary>
    public int GossipDegree { get; init; } = 6;

    /// <summary>D_lo in effect.</summary>
    public int Low => DegreeLow ?? Math.Min(5, Degree);

    /// <summary>D_hi in effect.</summary>
    public int High => DegreeHigh ?? (Degree == 0 ? 0 : Math.Max(12, Degree * 2));

    /// <summary>D_score in effect.</summary>
    public int Score => DegreeScore ?? Math.Min(4, Degree);

    /// <summary>D_out in effect.</summary>
    public int Outbound => DegreeOutbound ?? Math.Max(0, Math.Min(2, Math.Min(Low - 1, (Degree - 1) / 2)));
}
