using Pmq.Gossipsub.Protection;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub;

// The guard of the validation queues.
public sealed partial class GossipsubRouter
{
    private readonly QueueProtection? _protection;

    /// <summary>Whether the queue of a topic is guarded now, see <see cref="QueueProtectionOptions"/>.</summary>
    public bool IsQueueProtected(string topic, TimeSpan now) =>
        _protection is not null && _topics.Find(topic) is { } state && _protection.IsActive(state, now);

    /// <summary>
    /// With what probability a message of the peer is taken while the topic's queue is guarded. 0 to 1; 1 for a peer
    /// of which nothing is known, and while protection is off.
    /// </summary>
    public double QueueAcceptanceOf(GossipPeer peer, string topic) =>
        _protection is not null && _topics.Find(topic) is { } state ? _protection.AcceptanceOf(peer, state) : 1;

    /// <summary>Joined topics whose queue is guarded now.</summary>
    public int ProtectedTopicCount(TimeSpan now) =>
        _protection is null ? 0 : _joined.Count(topic => _protection.IsActive(topic, now));

    /// <summary>
    /// A verifier has come, so what filled the queues before was its absence, which says nothing of those who sent:
    /// the queues are not guarded until they overflow again.
    /// </summary>
    public void OnVerifierAttached()
    {
        foreach (TopicState topic in _joined)
        {
            topic.Gate?.Forget();
        }
    }

    /// <summary>The one table from a drop to what the source did (red.md).</summary>
    private void CountForProtection(GossipPeer peer, TopicState? topic, MessageDrop reason)
    {
        if (_protection is null || topic is null)
        {
            return;
        }

        switch (reason)
        {
            case MessageDrop.DuplicateSeen or MessageDrop.DuplicatePending:
                QueueProtection.OnDuplicate(peer, topic);
                break;
            case MessageDrop.Ignored or MessageDrop.SignatureNotCanonical or MessageDrop.TooLarge:
                QueueProtection.OnIgnored(peer, topic);
                break;
            case MessageDrop.Rejected or MessageDrop.InvalidSignature or MessageDrop.SignaturePolicyBroken:
                QueueProtection.OnRejected(peer, topic);
                break;
            default:
                break; // Nothing that the source did.
        }
    }

    private void CountThrottled(TopicState topic, TimeSpan now)
    {
        if (_protection is not null)
        {
            QueueProtection.OnThrottled(topic, now);
        }
    }

    /// <summary>Whether the message may come to the queue of its topic.</summary>
    private bool IsAdmitted(GossipPeer peer, TopicState topic, TimeSpan now)
    {
        if (_protection is null)
        {
            return true;
        }

        if (!peer.IsDirect && !_protection.Admits(peer, topic, now, _chance))
        {
            return false;
        }

        QueueProtection.OnValidated(topic);
        return true;
    }
}
