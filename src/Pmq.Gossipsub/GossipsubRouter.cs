using System.Runtime.InteropServices;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Protection;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Gossipsub;

/// <summary>
/// The gossipsub router as a core: inputs in, effects out. One owner; nothing here waits, locks or looks at a clock.
/// Each input takes the time <c>now</c>, any monotonic time that never goes back, and appends effects to the caller's
/// list.
/// </summary>
/// <remarks>
/// <para>
/// A turn of the driver is any number of inputs, then <see cref="Flush"/>: control for one peer that came up in the
/// turn leaves as few RPCs. Effects may be carried out before or after Flush, in order.
/// </para>
/// <para>
/// A message of a peer passes: <see cref="HandleRpc"/> → VerifySignature → <see cref="OnSignature"/> (strict signing
/// only) → Validate → <see cref="OnVerdict"/> → SendMessage to the mesh → Deliver. Its id is unknown, then waits, then
/// is seen with its verdict; <see cref="OnLost"/> and a bad signature make it unknown again.
/// </para>
/// <para><b>Spec</b>: pubsub, gossipsub v1.0, v1.1. <b>Deviations</b>: README.</para>
/// </remarks>
public sealed partial class GossipsubRouter
{
    private readonly GossipsubOptions _options;
    private readonly PeerId _localPeer;
    private readonly Chance _chance;
    private readonly PeerPolicy _policy;
    private readonly GoGaps _gaps;
    private readonly MessageKeyComparer _keys;
    private readonly Dictionary<PeerId, GossipPeer> _peersById = [];
    private readonly PeerSet _peers = new();
    private readonly TopicTable _topics;
    private readonly List<TopicState> _joined = [];
    private readonly List<TopicState> _fanouts = [];
    private readonly SeenCache _seen;
    private readonly WaitingMessages _waiting;
    private readonly MessageHistory _history;
    private readonly RpcEncoder _encoder;
    private readonly List<GossipPeer> _dirty = [];

    // Scratch, empty between calls.
    private readonly List<GossipPeer> _candidates = [];
    private readonly List<GossipMessage> _messages = [];
    private readonly List<MessageKey> _expired = [];
    private readonly List<GossipPeer> _promiseBreakers = [];
    private readonly List<TopicState> _gossipTopics = [];

    /// <summary>A router for <paramref name="localPeer"/>.</summary>
    /// <param name="options">Valid ones, see <see cref="GossipsubOptions.Validate"/>.</param>
    /// <param name="localPeer">Who we are.</param>
    /// <param name="chance">Owned by the router from here on.</param>
    /// <param name="now">
    /// The time; the first heartbeat is due <see cref="GossipsubOptions.HeartbeatInitialDelay"/> later.
    /// </param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public GossipsubRouter(GossipsubOptions options, PeerId localPeer, Chance chance, TimeSpan now)
        : this(options, localPeer, chance, now, new PeerPolicy())
    {
    }

    internal GossipsubRouter(
        GossipsubOptions options,
        PeerId localPeer,
        Chance chance,
        TimeSpan now,
        PeerPolicy policy,
        GoGaps gaps = GoGaps.None)
    {
        if (options.Validate() is [OptionFault fault, ..])
        {
            throw new ArgumentException(fault.Message, nameof(options));
        }

        _options = options;
        _localPeer = localPeer;
        _chance = chance;
        _policy = policy;
        _gaps = gaps;
        MessageKeyComparer comparer = _keys = new(chance);
        _topics = new TopicTable(options, chance);
        _seen = new SeenCache(options.SeenTtl, options.MaxSeen, comparer, now);
        _waiting = new WaitingMessages(comparer);
        _history = new MessageHistory(
            options.HistoryLength, options.HistoryGossip, options.MaxHistory, options.HistoryBytes, comparer);
        _wants = new Dictionary<MessageKey, Want>(comparer);
        _unwanted = new UnwantedIds(options.IDontWantTtl, comparer);
        _lostAfterTelling = new UnwantedIds(options.IDontWantTtl + LateHeartbeats, comparer);
        _scores = options.Scoring is { } scoring ? new PeerScores(scoring, comparer, now) : null;
        _protection = options.QueueProtection is { } protection ? new QueueProtection(protection, now) : null;
        _encoder = new RpcEncoder(options.MaxMessageSize);
        _direct.AddRange(options.DirectPeers);
        NextHeartbeat = now + options.HeartbeatInitialDelay;
    }

    /// <summary>Where events go; null, as at the start, costs nothing.</summary>
    public ITraceSink? Trace { get; set; }

    /// <summary>What has been counted.</summary>
    public RouterCounters Counters { get; } = new();

    /// <summary>When <see cref="Heartbeat"/> wants to be called next.</summary>
    public TimeSpan NextHeartbeat { get; private set; }

    /// <summary>The joined topics, sorted.</summary>
    public IReadOnlyList<string> Topics => Sorted(_joined);

    /// <summary>Ids remembered as seen.</summary>
    public int SeenCount => _seen.Count;

    /// <summary>Messages kept to be advertised and asked for.</summary>
    public int HistoryCount => _history.Count;

    /// <summary>Bytes of the messages kept to be advertised and asked for.</summary>
    public long HistoryBytes => _history.Bytes;

    /// <summary>Ids that have been asked for and have not come.</summary>
    public int WantedCount => _wants.Count;

    /// <summary>
    /// How long ids are remembered as seen in truth: less than <see cref="GossipsubOptions.SeenTtl"/> once
    /// <see cref="GossipsubOptions.MaxSeen"/> is met.
    /// </summary>
    public TimeSpan SeenHorizon(TimeSpan now) => _seen.Horizon(now);

    /// <summary>Whether a topic is joined.</summary>
    public bool IsJoined(string topic) => _topics.Find(topic) is { IsJoined: true };

    /// <summary>The messages of a topic that wait for signature check or verdict.</summary>
    public int PendingOf(string topic) => _topics.Find(topic)?.PendingCount ?? 0;

    /// <summary>The connected peers, sorted by id.</summary>
    public IReadOnlyList<GossipPeer> Peers => Sorted(_peers);

    /// <summary>The peers in our mesh for a topic, sorted by id.</summary>
    public IReadOnlyList<GossipPeer> MeshOf(string topic) => Sorted(_topics.Find(topic)?.Mesh);

    /// <summary>How many peers are in our mesh for a topic.</summary>
    public int MeshCountOf(string topic) => _topics.Find(topic)?.Mesh.Count ?? 0;

    /// <summary>The peers that have announced a topic, sorted by id.</summary>
    public IReadOnlyList<GossipPeer> PeersOf(string topic) => Sorted(_topics.Find(topic)?.Peers);

    /// <summary>The topics that a peer has announced, sorted.</summary>
    public IReadOnlyList<string> TopicsOf(GossipPeer peer) => _peers.Contains(peer) ? Sorted(peer.Topics) : [];

    /// <summary>The topics in whose mesh a peer is, sorted.</summary>
    public IReadOnlyList<string> MeshTopicsOf(GossipPeer peer) =>
        Sorted(_joined.FindAll(topic => topic.Mesh.Contains(peer)));

    internal int KnownTopicCount => _topics.Count;

    internal IReadOnlyList<GossipPeer> FanoutOf(string topic) => Sorted(_topics.Find(topic)?.Fanout);

    internal bool IsInBackoff(string topic, PeerId peer, TimeSpan now) =>
        _topics.Find(topic) is { } state && state.Backoffs.TryGetValue(peer, out TimeSpan until) && now < until;

    /// <summary>Ends a turn: what control has come up for each peer is encoded and appended as SendControl.</summary>
    public void Flush(EffectList effects)
    {
        TellTaken(effects);
        Outbox? encoded = null;
        byte[] frames = [];
        foreach (GossipPeer peer in _dirty)
        {
            if (peer.IsRemoved || peer.Outbox.IsEmpty)
            {
                continue;
            }

            // What a heartbeat tells is long and the same for many.
            if (encoded is null || !peer.Outbox.TellsTheSameAs(encoded))
            {
                _chance.Shuffle(CollectionsMarshal.AsSpan(peer.Outbox.IWantIds));
                encoded = peer.Outbox;
                frames = _encoder.Encode(encoded);
            }

            effects.Add(Effect.SendControl(peer, frames));
        }

        foreach (GossipPeer peer in _dirty)
        {
            peer.IsDirty = false;
            peer.Outbox.Clear();
        }

        _dirty.Clear();
    }

    private bool Has(GoGaps gap) => (_gaps & gap) != 0;

    private Outbox OutboxOf(GossipPeer peer)
    {
        if (!peer.IsDirty)
        {
            peer.IsDirty = true;
            _dirty.Add(peer);
        }

        return peer.Outbox;
    }

    private void Penalise(
        GossipPeer peer, Misbehaviour misbehaviour, int count, EffectList effects, TopicState? topic = null)
    {
        Counters.Count(misbehaviour, count);
        CountForScore(peer, misbehaviour, count, topic);
        effects.Add(Effect.Penalise(peer, misbehaviour, count));
        Trace?.Trace(TraceEvent.Penalty(peer.Id, misbehaviour, count));
    }

    private static GossipPeer[] Sorted(PeerSet? peers)
    {
        GossipPeer[] sorted = peers is null ? [] : peers.Peers.ToArray();
        Array.Sort(sorted, static (a, b) => a.Id.CompareTo(b.Id));
        return sorted;
    }

    private static string[] Sorted(List<TopicState> topics)
    {
        string[] names = new string[topics.Count];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = topics[i].Name;
        }

        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }
}
