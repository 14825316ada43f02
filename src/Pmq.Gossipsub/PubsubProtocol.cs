namespace Pmq.Gossipsub;

/// <summary>Which protocol a peer speaks with us; each later one can do all that the earlier ones can.</summary>
public enum PubsubProtocol
{
    /// <summary><c>/floodsub/1.0.0</c>: subscriptions and messages, no control.</summary>
    Floodsub,

    /// <summary><c>/meshsub/1.0.0</c>: mesh and gossip.</summary>
    Meshsub10,

    /// <summary><c>/meshsub/1.1.0</c>: PRUNE tells a backoff.</summary>
    Meshsub11,

    /// <summary><c>/meshsub/1.2.0</c>: IDONTWANT.</summary>
    Meshsub12,
}
