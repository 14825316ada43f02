namespace Pmq.Gossipsub.Scoring;

/// <summary>How a peer stands in one topic. Contributions include the topic's weight.</summary>
public sealed record TopicScoreView
{
    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary>What the topic adds to the score, before the cap of all topics.</summary>
    public required double Total { get; init; }

    /// <summary>Whether the peer is in our mesh for it.</summary>
    public required bool IsInMesh { get; init; }

    /// <summary>Time in our mesh, as of the last heartbeat.</summary>
    public required TimeSpan TimeInMesh { get; init; }

    /// <summary>P1: quanta in the mesh, capped.</summary>
    public required ScoreFactor MeshTime { get; init; }

    /// <summary>P2: messages handed over first, decayed.</summary>
    public required ScoreFactor FirstMessageDeliveries { get; init; }

    /// <summary>
    /// P3: messages handed over in the mesh, decayed; the contribution is that of what lacks to the threshold, 0 until
    /// P3 counts.
    /// </summary>
    public required ScoreFactor MeshMessageDeliveries { get; init; }

    /// <summary>Whether P3 counts: in the mesh for the activation time.</summary>
    public required bool IsMeshDeliveryActive { get; init; }

    /// <summary>P3b: squares of what lacked when it left the mesh, decayed.</summary>
    public required ScoreFactor MeshFailurePenalty { get; init; }

    /// <summary>P4: invalid messages, decayed; the contribution is that of the square.</summary>
    public required ScoreFactor InvalidMessageDeliveries { get; init; }
}
