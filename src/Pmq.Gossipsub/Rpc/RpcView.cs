namespace Pmq.Gossipsub.Rpc;

/// <summary>
/// One scanned RPC as a view of the memory it was read into, for <see cref="GossipsubRouter.HandleRpc"/>. The router copies
/// what it keeps, so the memory may be used again when that call returns. Reused; one owner at a time.
/// </summary>
public sealed class RpcView
{
    /// <summary>The RPC; empty when nothing was scanned.</summary>
    public ReadOnlyMemory<byte> Frame { get; internal set; }

    /// <summary>How many messages it carries.</summary>
    public int MessageCount { get; internal set; }

    /// <summary>How many subscriptions and unsubscriptions it carries.</summary>
    public int SubscriptionCount { get; internal set; }

    /// <summary>How many control entries it carries.</summary>
    public int ControlCount { get; internal set; }

    /// <summary>Whether it carries messages: what belongs to the payload lane rather than the control lane.</summary>
    public bool HasPayload => MessageCount > 0;

    /// <summary>Forgets the RPC.</summary>
    public void Clear() => throw new NotImplementedException();
}
