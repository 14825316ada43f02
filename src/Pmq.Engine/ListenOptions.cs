namespace Pmq.Engine;

/// <summary>What a listener wants.</summary>
public sealed record ListenOptions
{
    /// <summary>The topics; empty means all subscribed ones, later ones too.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Messages a second at most; the excess is dropped and counted. 0, the default, is no limit.</summary>
    public long MaxRate { get; init; }

    /// <summary>
    /// Messages that wait for a slow listener before the oldest is dropped and counted. Default 1024
    /// (msgRouterQueueSize).
    /// </summary>
    public int QueueSize { get; init; } = 1024;
}
