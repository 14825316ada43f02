namespace Pmq.Gossipsub.State;

/// <summary>
/// Defects of go-libp2p-pubsub that this router does not have. Each flag brings one back, so that a test can show that
/// the test of our behaviour would notice. Nothing but tests sets any.
/// </summary>
[Flags]
internal enum GoGaps
{
    /// <summary>None: how the router runs.</summary>
    None = 0,

    /// <summary>Every RPC with control uses up the IHAVE budget, also one without an IHAVE.</summary>
    AnyControlIsAnIHave = 1 << 0,

    /// <summary>Every advertiser of an id is asked for it at once, and none later.</summary>
    AskEveryAdvertiser = 1 << 1,

    /// <summary>IDONTWANT is sent for a message that our queue then drops.</summary>
    IDontWantBeforeTheQueue = 1 << 2,

    /// <summary>Subscriptions are taken before the graylist is asked.</summary>
    SubscriptionsBeforeGraylist = 1 << 3,

    /// <summary>A peer may announce any number of topics.</summary>
    UnboundedTopics = 1 << 4,

    /// <summary>A publication goes to the mesh alone, also while that is empty.</summary>
    PublishToTheMeshOnly = 1 << 5,

    /// <summary>A peer's backoff is taken as it is.</summary>
    BackoffNotClamped = 1 << 6,

    /// <summary>A peer that announces a topic is grafted no earlier than at the next heartbeat.</summary>
    GraftAtHeartbeatOnly = 1 << 7,

    /// <summary>The mesh looks at the aggregate score alone (CVE-2022-47547).</summary>
    AggregateScoreOnly = 1 << 8,

    /// <summary>IHAVEs are taken beyond MaxIHaveMessages, as long as the ids do not go beyond MaxIHaveLength.</summary>
    IHaveMessagesUnbounded = 1 << 9,

    /// <summary>A publication that every queue refused counts as published.</summary>
    UnsentIsPublished = 1 << 10,

    /// <summary>A flood-published message goes to peers that have said IDONTWANT, too.</summary>
    FloodIgnoresIDontWant = 1 << 11,
}
