using System.Net;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Scoring;

// What counts.
internal sealed partial class PeerScores
{
    /// <summary>Addresses of a peer that are looked at.</summary>
    public const int MaxAddresses = 8;

    // Where a counter stops: its square times every weight is still a number.
    private const double MostMisdeeds = 1e15;

    private readonly Dictionary<IpKey, IpGroup> _groups = [];

    /// <summary>A peer is in our mesh now.</summary>
    public void OnGraft(GossipPeer peer, TopicState topic, TimeSpan now)
    {
        if (ScoredTopicOf(topic).Options is not null && peer.Score is { IsConnected: true } score)
        {
            ScoreOf(score, topic).Graft(now);
        }
    }

    /// <summary>A peer is in our mesh no more.</summary>
    public static void OnPrune(GossipPeer peer, TopicState topic) => Find(peer, topic)?.Prune();

    /// <summary>The node accepted a message of a peer, or we published one: then it has no senders.</summary>
    public void OnAccepted(in MessageKey key, ReadOnlySpan<GossipPeer?> senders, TopicState topic, TimeSpan now)
    {
        if (ScoredTopicOf(topic).Options is not { } options)
        {
            return;
        }

        bool isFirst = true;
        foreach (GossipPeer? sender in senders)
        {
            if (isFirst)
            {
                isFirst = false;
                if (sender!.Score is { IsConnected: true } score)
                {
                    ScoreOf(score, topic).DeliverFirst(options);
                }
            }
            else
            {
                Find(sender!, topic)?.DeliverInMesh(options);
            }
        }

        if (options.HasMeshDeliveries)
        {
            _deliveries.Add(key, senders, now, options.MeshMessageDeliveriesWindow);
        }
    }

    /// <summary>
    /// What a peer handed over was lost by our own fault: for P3 it did its part. Else a verifier that is away for a
    /// while would make offenders of the whole mesh.
    /// </summary>
    public static void OnLost(GossipPeer peer, TopicState topic)
    {
        if (topic.Scored?.Options is { HasMeshDeliveries: true } options)
        {
            Find(peer, topic)?.DeliverInMesh(options);
        }
    }

    /// <summary>A peer sent what was accepted before.</summary>
    public void OnDuplicate(GossipPeer peer, in MessageKey key, TopicState topic, TimeSpan now)
    {
        if (topic.Scored?.Options is { HasMeshDeliveries: true } options
            && Find(peer, topic) is { IsInMesh: true } score
            && _deliveries.TryCredit(key, peer, now, options.MeshMessageDeliveriesWindow))
        {
            score.DeliverInMesh(options);
        }
    }

    /// <summary>A peer sent an invalid message (P4); it may have left since.</summary>
    public void OnInvalid(GossipPeer peer, TopicState topic, int count)
    {
        if (ScoredTopicOf(topic).Options is { InvalidMessageDeliveriesWeight: < 0 })
        {
            ScoreOf(RecordOf(peer), topic).AddInvalid(count);
            CutRetained();
        }
    }

    /// <summary>A peer broke the protocol (P7); it may have left since.</summary>
    public void OnMisdeed(GossipPeer peer, int count)
    {
        if (Options.BehaviourPenaltyWeight < 0)
        {
            PeerScore culprit = RecordOf(peer);
            culprit.Misdeeds = Math.Min(MostMisdeeds, culprit.Misdeeds + count);
            culprit.Change();
            CutRetained();
        }
    }

    /// <summary>Messages for a peer found its queue full; once a heartbeat.</summary>
    public void OnSlow(GossipPeer peer)
    {
        if (Options.SlowPeerWeight < 0 && peer.Score is { IsConnected: true } score)
        {
            score.WasSlow = true;
        }
    }

    /// <summary>The addresses that a peer is connected from.</summary>
    public void SetAddresses(GossipPeer peer, ReadOnlySpan<IPAddress> addresses)
    {
        if (peer.Score is { IsConnected: true } score)
        {
            score.Addresses = addresses[..Math.Min(MaxAddresses, addresses.Length)].ToArray();
            LeaveGroups(score);
            JoinGroups(score);
        }
    }

    // What a peer did counts for whoever bears its name now: it may have gone and come back since.
    private PeerScore RecordOf(GossipPeer peer)
    {
        if (peer.Score is { IsForgotten: false } own)
        {
            return own;
        }

        if (_peers.TryGetValue(peer.Id, out PeerScore? other))
        {
            return other;
        }

        PeerScore score = new(peer.Id, this)
        {
            IsConnected = false,
            LeftAt = Now,
            Application = _application.GetValueOrDefault(peer.Id),
        };
        _peers.Add(peer.Id, score);
        Link(score);
        return score;
    }

    private void JoinGroups(PeerScore peer)
    {
        foreach (IPAddress told in peer.Addresses)
        {
            IPAddress address = told.IsIPv4MappedToIPv6 ? told.MapToIPv4() : told;
            if (IsExempt(address))
            {
                continue;
            }

            IpKey key = IpKey.Of(address);
            JoinGroup(peer, key);
            if (!key.IsV4)
            {
                JoinGroup(peer, key.Network); // A whole /64 is one customer's: it could take 2⁶⁴ addresses.
            }
        }
    }

    private void JoinGroup(PeerScore peer, IpKey key)
    {
        if (!_groups.TryGetValue(key, out IpGroup? group))
        {
            group = new IpGroup(key);
            _groups.Add(key, group);
        }

        if (!peer.Groups.Contains(group))
        {
            peer.Groups.Add(group);
            group.Add(peer);
        }
    }

    private void LeaveGroups(PeerScore peer)
    {
        foreach (IpGroup group in peer.Groups)
        {
            group.Remove(peer);
            if (group.Count == 0)
            {
                _groups.Remove(group.Key);
            }
        }

        peer.Groups.Clear();
    }

    private bool IsExempt(IPAddress address)
    {
        if (IPAddress.IsLoopback(address))
        {
            return true;
        }

        foreach (IPNetwork network in Options.IpColocationWhitelist)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
