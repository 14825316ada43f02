using System.Runtime.InteropServices;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Protection;
using Pmq.Gossipsub.Scoring;

namespace Pmq.Gossipsub.State;

/// <summary>What the router knows of a topic: one that we joined, publish on, or that a peer has announced.</summary>
internal sealed class TopicState(string name, byte[] nameBytes, ulong tag, TopicRules rules, MeshParameters degrees)
{
    // Of the waiting messages: those that each peer handed over first.
    private readonly Dictionary<GossipPeer, Pending> _pendingOf = [];

    public string Name { get; } = name;

    /// <summary>The name in UTF-8.</summary>
    public byte[] NameBytes { get; } = nameBytes;

    /// <summary>
    /// A hash of the name under a secret of this router: stands for the topic in <see cref="MessageKey"/>, also after
    /// this object is gone.
    /// </summary>
    public ulong Tag { get; } = tag;

    public TopicRules Rules { get; } = rules;

    /// <summary>The sizes of its mesh and gossip.</summary>
    public MeshParameters Degrees { get; } = degrees;

    /// <summary>The peers' counters in it; null until there are any.</summary>
    public ScoredTopic? Scored { get; set; }

    public bool IsJoined { get; set; }

    /// <summary>Joined to judge and pass on, not to deliver.</summary>
    public bool IsRelay { get; set; }

    /// <summary>Not joined, but open for publishing: our own publications are delivered here.</summary>
    public bool IsFanoutOnly { get; set; }

    /// <summary>Whether our own publications are delivered here.</summary>
    public bool DeliversOwn => (IsJoined && !IsRelay) || IsFanoutOnly;

    /// <summary>Who has announced the topic.</summary>
    public PeerSet Peers { get; } = new();

    /// <summary>Those of them that speak only floodsub, and direct peers: they get every message.</summary>
    public PeerSet FloodPeers { get; } = new();

    /// <summary>Our mesh; empty unless joined.</summary>
    public PeerSet Mesh { get; } = new();

    /// <summary>
    /// Members of the mesh since less than a heartbeat: what went round before that has not been passed on to them.
    /// </summary>
    public PeerSet Newcomers { get; } = new();

    /// <summary>The heartbeat in which a peer was last advertised to. Of peers that have announced the topic.</summary>
    public Dictionary<GossipPeer, long> ToldAt { get; } = [];

    /// <summary>Whom we publish to while not joined.</summary>
    public PeerSet Fanout { get; } = new();

    /// <summary>Whether we have published while not joined, within the fanout's lifetime.</summary>
    public bool IsFanout { get; set; }

    /// <summary>When that was last.</summary>
    public TimeSpan LastFanoutPublish { get; set; }

    /// <summary>
    /// Until when a peer must not be grafted, by either side. Kept by id: it outlives the connection.
    /// </summary>
    public Dictionary<PeerId, TimeSpan> Backoffs { get; } = [];

    /// <summary>How full the queue has been of late; null while nothing was counted.</summary>
    public QueueGate? Gate { get; set; }

    /// <summary>Messages that wait for signature check or verdict.</summary>
    public int PendingCount { get; private set; }

    /// <summary>Bytes of them.</summary>
    public long PendingBytes { get; private set; }

    /// <summary>
    /// Whether a message may wait, too. While more than half of the room is taken a peer that already has its part,
    /// one by the number of peers, gets no more: so one that floods cannot keep out what the others send.
    /// </summary>
    public bool HasRoom(GossipPeer peer, int size, GossipsubOptions options)
    {
        int most = Rules.MaxPending ?? options.MaxPendingPerTopic;
        if (PendingCount >= most || PendingBytes + size > options.MaxPendingBytesPerTopic)
        {
            return false;
        }

        if (PendingCount < most / 2 && PendingBytes + size <= options.MaxPendingBytesPerTopic / 2)
        {
            return true;
        }

        // Who has not announced the topic may send on it, too.
        int parts = Math.Max(1, Math.Max(Peers.Count, _pendingOf.Count));
        return !_pendingOf.TryGetValue(peer, out Pending own)
            || (own.Count < most / parts
                && own.Bytes + size <= options.MaxPendingBytesPerTopic / parts);
    }

    /// <summary>Whether half of the room is free.</summary>
    public bool IsHalfEmpty(GossipsubOptions options) =>
        PendingCount < (Rules.MaxPending ?? options.MaxPendingPerTopic) / 2.0
        && PendingBytes <= options.MaxPendingBytesPerTopic / 2;

    /// <summary>A message waits.</summary>
    public void AddPending(GossipPeer peer, int size)
    {
        PendingCount++;
        PendingBytes += size;
        ref Pending own = ref CollectionsMarshal.GetValueRefOrAddDefault(_pendingOf, peer, out _);
        own = new Pending(own.Count + 1, own.Bytes + size);
    }

    /// <summary>A message waits no more.</summary>
    public void RemovePending(GossipPeer peer, int size)
    {
        PendingCount--;
        PendingBytes -= size;
        ref Pending own = ref CollectionsMarshal.GetValueRefOrNullRef(_pendingOf, peer);
        own = new Pending(own.Count - 1, own.Bytes - size);
        if (own.Count == 0)
        {
            _pendingOf.Remove(peer);
        }
    }

    /// <summary>The ids that this heartbeat advertises; reused.</summary>
    public List<MessageId> GossipIds { get; } = [];

    /// <summary>Whether nothing keeps the topic here.</summary>
    public bool IsIdle => !IsJoined && !IsFanoutOnly && !IsFanout && Peers.Count == 0 && Backoffs.Count == 0;

    private readonly record struct Pending(int Count, long Bytes);
}
