namespace Pmq.Gossipsub.Effects;

/// <summary>What the driver is asked to do.</summary>
public enum EffectKind
{
    /// <summary>
    /// Write <see cref="Effect.Message"/>'s frame to <see cref="Effect.Peer"/>. It may be dropped when that peer's
    /// queue is full; the driver counts it.
    /// </summary>
    SendMessage,

    /// <summary>
    /// Write <see cref="Effect.Frame"/> (subscriptions and control, length prefix included) to <see
    /// cref="Effect.Peer"/>, in order and ahead of payload. It may not be dropped: a peer that lets control pile up
    /// beyond the queue's bound is disconnected, since the two views of the mesh would differ from then on.
    /// </summary>
    SendControl,

    /// <summary>
    /// Verify <see cref="Effect.Message"/> with <see cref="Messages.MessageVerifier"/> on the topic's workers and
    /// report by
    /// <see cref="GossipsubRouter.OnSignature"/>, or by <see cref="GossipsubRouter.OnLost"/>.
    /// </summary>
    VerifySignature,

    /// <summary>
    /// Have <see cref="Effect.Message"/> judged and report by <see cref="GossipsubRouter.OnVerdict"/>, or by
    /// <see cref="GossipsubRouter.OnLost"/>: exactly one of them for each such effect.
    /// </summary>
    Validate,

    /// <summary>Hand <see cref="Effect.Message"/> to the listeners of its topic. Once a message.</summary>
    Deliver,

    /// <summary>
    /// <see cref="Effect.Peer"/> did <see cref="Effect.Misbehaviour"/>, <see cref="Effect.Count"/> times; what follows
    /// stands in <see cref="Misbehaviours.ConsequenceOf"/>.
    /// </summary>
    Penalise,

    /// <summary><see cref="Effect.Peer"/> is now in our mesh for <see cref="Effect.Topic"/>.</summary>
    Grafted,

    /// <summary><see cref="Effect.Peer"/> is no longer in our mesh for <see cref="Effect.Topic"/>.</summary>
    Pruned,

    /// <summary>
    /// Connect to <see cref="Effect.Target"/>, with bounded effort; it may be dropped when too much of that is under
    /// way. What comes of it is told by <see cref="GossipsubRouter.AddPeer"/> alone.
    /// </summary>
    Connect,

    /// <summary>
    /// <see cref="Effect.Peer"/> has the message <see cref="Effect.Cancelled"/>: copies that still wait in its queue
    /// need not be sent. It may be ignored.
    /// </summary>
    Cancel,
}
