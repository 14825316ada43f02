namespace Pmq.Gossipsub;

/// <summary>What joining a topic is for.</summary>
public enum JoinMode
{
    /// <summary>Take part in the mesh and deliver what is accepted.</summary>
    Deliver,

    /// <summary>Take part in the mesh, judge and pass on, deliver nothing.</summary>
    Relay,

    /// <summary>
    /// Only publish: the topic is not announced, no message of a peer is taken, our own publications are delivered
    /// here.
    /// </summary>
    FanoutOnly,
}
