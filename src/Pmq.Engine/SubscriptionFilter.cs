namespace Pmq.Engine;

/// <summary>Which topics a peer has to do with: its own subscriptions, and those of others that it remembers.</summary>
public sealed record SubscriptionFilter
{
    /// <summary>
    /// A regular expression of .NET's non-backtracking engine that a topic must match somewhere; empty, the default,
    /// matches every topic.
    /// </summary>
    public string Pattern { get; init; } = "";

    /// <summary>
    /// Subscriptions that one RPC may carry; a longer list is a violation. 1 to 10,000; default 100 (js-libp2p's
    /// default cap of topics a peer).
    /// </summary>
    public int Limit { get; init; } = 100;
}
