namespace Pmq.Gossipsub.Rpc;

/// <summary>What one RPC may hold. Checked while it is scanned, before anything is made of it.</summary>
public sealed record RpcLimits
{
    /// <summary>Subscriptions. Default 1000 (arbitrary; each peer keeps fewer).</summary>
    public int MaxSubscriptions { get; init; } = 1000;

    /// <summary>Messages. Default 5000 (arbitrary).</summary>
    public int MaxMessages { get; init; } = 5000;

    /// <summary>IHAVE, IWANT, GRAFT, PRUNE and IDONTWANT entries together. Default 5000 (arbitrary).</summary>
    public int MaxControl { get; init; } = 5000;

    /// <summary>Ids in all control entries together. Default 50,000: what Go peers can fit in 1 MiB.</summary>
    public int MaxIds { get; init; } = 50_000;

    /// <summary>Bytes of one id, in whatever form. Default 256 (arbitrary).</summary>
    public int MaxIdLength { get; init; } = 256;

    /// <summary>
    /// Peers told in one PRUNE; <see cref="GossipsubOptions.PrunePeers"/> of them are used. Default 64 (others send
    /// 16).
    /// </summary>
    public int MaxPeerInfos { get; init; } = 64;

    /// <summary>
    /// UTF-8 bytes of a topic's name, 1 to 65,536. Default 512 (arbitrary; others have no limit). We join none that is
    /// longer.
    /// </summary>
    public int MaxTopicLength { get; init; } = 512;
}
