using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.State;

/// <summary>What has come up for one peer in this turn, beside messages. Reused; emptied by each flush.</summary>
internal sealed class Outbox
{
    public List<(byte[] Topic, bool Subscribe)> Subscriptions { get; } = [];

    public List<byte[]> Grafts { get; } = [];

    /// <summary>Topic and backoff in seconds; 0 leaves the backoff out.</summary>
    public List<(byte[] Topic, int BackoffSeconds)> Prunes { get; } = [];

    /// <summary>Topic and how many of <see cref="IHaveIds"/> belong to it, in order.</summary>
    public List<(byte[] Topic, int Count)> IHaves { get; } = [];

    public List<MessageId> IHaveIds { get; } = [];

    public List<MessageId> IWantIds { get; } = [];

    public bool IsEmpty =>
        Subscriptions.Count == 0 && Grafts.Count == 0 && Prunes.Count == 0 && IHaves.Count == 0 && IWantIds.Count == 0;

    public void Clear()
    {
        Subscriptions.Clear();
        Grafts.Clear();
        Prunes.Clear();
        IHaves.Clear();
        IHaveIds.Clear();
        IWantIds.Clear();
    }
}
