using System.Runtime.InteropServices;
using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.State;

/// <summary>What has come up for one peer in this turn, beside messages. Reused; emptied by each flush.</summary>
internal sealed class Outbox
{
    private const int KeptIds = 256;

    public List<(byte[] Topic, bool Subscribe)> Subscriptions { get; } = [];

    public List<byte[]> Grafts { get; } = [];

    public List<PruneEntry> Prunes { get; } = [];

    /// <summary>Topics and the ids to advertise; peers that are told the same share the memory.</summary>
    public List<(byte[] Topic, ReadOnlyMemory<MessageId> Ids)> IHaves { get; } = [];

    /// <summary>Ids in <see cref="IHaves"/>.</summary>
    public int IHaveIdCount { get; private set; }

    public List<MessageId> IWantIds { get; } = [];

    public bool IsEmpty =>
        Subscriptions.Count == 0 && Grafts.Count == 0 && Prunes.Count == 0 && IHaves.Count == 0 && IWantIds.Count == 0;

    public void AddIHave(byte[] topic, ReadOnlyMemory<MessageId> ids)
    {
        IHaves.Add((topic, ids));
        IHaveIdCount += ids.Length;
    }

    /// <summary>Whether it says what another says, and nothing to one peer alone.</summary>
    public bool TellsTheSameAs(Outbox other) =>
        Grafts.Count + Prunes.Count + IWantIds.Count == 0
        && other.Grafts.Count + other.Prunes.Count + other.IWantIds.Count == 0
        && CollectionsMarshal.AsSpan(Subscriptions).SequenceEqual(CollectionsMarshal.AsSpan(other.Subscriptions))
        && CollectionsMarshal.AsSpan(IHaves).SequenceEqual(CollectionsMarshal.AsSpan(other.IHaves));

    public void Clear()
    {
        Subscriptions.Clear();
        Grafts.Clear();
        Prunes.Clear();
        IHaves.Clear();
        IHaveIdCount = 0;
        IWantIds.Clear();
        if (IWantIds.Capacity > KeptIds)
        {
            IWantIds.Capacity = 0; // One burst does not cost memory for as long as the peer stays.
        }
    }
}
