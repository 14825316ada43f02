using System.Net;
using System.Runtime.InteropServices;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Protection;

/// <summary>
/// Guards the validation queues: while a topic's queue overflows, each source's messages on it are taken by what that
/// source has done on it. Pure, one owner.
/// </summary>
/// <remarks>
/// <para><b>Spec</b>: libp2p specs, gossipsub red.md (pubsub peer gater). <b>Deviations</b>: red.md guards one queue of
/// all topics by one set of numbers. Here each topic has its queue, so each has its gate and its numbers of every
/// source: a flooded topic costs no other topic a message, and good deeds on one topic do not pay for a flood on
/// another. An IPv6 source is its /64; a source without a telling address is the peer.</para>
/// <para><b>Limits</b>: <see cref="QueueProtectionOptions.MaxSources"/>, and for each source the topics joined.</para>
/// </remarks>
internal sealed class QueueProtection(QueueProtectionOptions options, TimeSpan now)
{
    private readonly double _gateFactor = options.FactorOf(options.GlobalDecayTime);
    private readonly double _sourceFactor = options.FactorOf(options.SourceDecayTime);
    private readonly Dictionary<SourceKey, Source> _sources = [];

    // Those of whom nobody is connected, the first to go first.
    private readonly LinkedList<Source> _gone = new();
    private TimeSpan _now = now;
    private TimeSpan _nextDecay;

    /// <summary>Sources that are remembered.</summary>
    public int SourceCount => _sources.Count;

    /// <summary>Peers whose source found no room and is not remembered.</summary>
    public long SourcesNotNoted { get; private set; }

    /// <summary>Whether the queue of a topic is guarded now.</summary>
    public bool IsActive(TopicState topic, TimeSpan now) => topic.Gate?.IsActive(options, now) == true;

    /// <summary>With what probability a message of the peer is taken while its topic is guarded.</summary>
    public double AcceptanceOf(GossipPeer peer, TopicState topic) =>
        peer.Source is { } source && source.Stats.TryGetValue(topic.Tag, out SourceStats stats)
            ? stats.Acceptance(options)
            : 1;

    /// <summary>Whether the peer's next message on the topic may come to the queue.</summary>
    public bool Admits(GossipPeer peer, TopicState topic, TimeSpan now, Chance chance)
    {
        if (!IsActive(topic, now))
        {
            return true;
        }

        double acceptance = AcceptanceOf(peer, topic);
        return acceptance >= 1 || chance.NextDouble() < acceptance;
    }

    /// <summary>A peer came, or is connected from elsewhere now.</summary>
    public void SetAddresses(GossipPeer peer, ReadOnlySpan<IPAddress> addresses)
    {
        SourceKey key = SourceKey.Of(peer.Id, addresses);
        if (peer.Source?.Key == key)
        {
            return;
        }

        Remove(peer);
        if (!_sources.TryGetValue(key, out Source? source))
        {
            if (_sources.Count >= options.MaxSources && !ForgetFirstGone())
            {
                SourcesNotNoted++;
                return;
            }

            source = new Source(key);
            _sources.Add(key, source);
        }

        peer.Source = source;
        source.Connected++;
        if (source.GoneNode is { } node)
        {
            _gone.Remove(node);
            source.GoneNode = null;
        }
    }

    /// <summary>A peer is gone. What it did is remembered for a while, so that coming again wipes nothing out.</summary>
    public void Remove(GossipPeer peer)
    {
        if (peer.Source is not { } source)
        {
            return;
        }

        // The peer keeps its source: verdicts on what it sent may still come.
        if (--source.Connected == 0)
        {
            source.Expires = _now + options.RetainSource;
            source.GoneNode = _gone.AddLast(source);
        }
    }

    /// <summary>A message that is not known yet comes to its topic's queue.</summary>
    public static void OnValidated(TopicState topic) => (topic.Gate ??= new QueueGate()).OnValidated();

    /// <summary>A message found its topic's queue full.</summary>
    public static void OnThrottled(TopicState topic, TimeSpan now) => (topic.Gate ??= new QueueGate()).OnThrottled(now);

    /// <summary>A message that the peer handed over first was accepted.</summary>
    public void OnDelivered(GossipPeer peer, TopicState topic)
    {
        if (peer.Source is { } source)
        {
            StatsOf(source, topic).Deliver += options.WeightOf(topic.Name);
        }
    }

    /// <summary>The peer handed over a message that was known.</summary>
    public static void OnDuplicate(GossipPeer peer, TopicState topic)
    {
        if (peer.Source is { } source)
        {
            StatsOf(source, topic).Duplicate++;
        }
    }

    /// <summary>A message that the peer handed over first was ignored.</summary>
    public static void OnIgnored(GossipPeer peer, TopicState topic)
    {
        if (peer.Source is { } source)
        {
            StatsOf(source, topic).Ignore++;
        }
    }

    /// <summary>A message that the peer handed over was rejected, by the node or for what it breaks.</summary>
    public static void OnRejected(GossipPeer peer, TopicState topic)
    {
        if (peer.Source is { } source)
        {
            StatsOf(source, topic).Reject++;
        }
    }

    /// <summary>Time passed: numbers decay and what is too old is forgotten. To be called at each heartbeat.</summary>
    public void Advance(TimeSpan now, IReadOnlyList<TopicState> joined)
    {
        _now = now;
        while (_gone.First is { } first && first.Value.Expires <= now)
        {
            ForgetFirstGone();
        }

        if (now < _nextDecay)
        {
            return;
        }

        // After a long pause one step more or less is nothing; as many steps as seconds passed would be a stall.
        _nextDecay = _nextDecay + options.DecayInterval > now ? _nextDecay + options.DecayInterval
            : now + options.DecayInterval;
        foreach (TopicState topic in joined)
        {
            topic.Gate?.Decay(_gateFactor, options.DecayToZero);
        }

        foreach (Source source in _sources.Values)
        {
            if (source.Connected > 0)
            {
                Decay(source);
            }
        }
    }

    private void Decay(Source source)
    {
        foreach (ulong tag in source.Stats.Keys)
        {
            ref SourceStats stats = ref CollectionsMarshal.GetValueRefOrNullRef(source.Stats, tag);
            stats.Decay(_sourceFactor, options.DecayToZero);
            if (stats.IsZero)
            {
                source.Stats.Remove(tag); // Allowed while enumerating; also bounds topics that we left long ago.
            }
        }
    }

    private static ref SourceStats StatsOf(Source source, TopicState topic) =>
        ref CollectionsMarshal.GetValueRefOrAddDefault(source.Stats, topic.Tag, out _);

    private bool ForgetFirstGone()
    {
        if (_gone.First is not { } first)
        {
            return false;
        }

        _gone.RemoveFirst();
        _sources.Remove(first.Value.Key);
        return true;
    }
}
