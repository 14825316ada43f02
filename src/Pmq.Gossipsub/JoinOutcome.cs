namespace Pmq.Gossipsub;

/// <summary>What came of joining a topic.</summary>
public enum JoinOutcome
{
    /// <summary>The topic is joined now.</summary>
    Joined,

    /// <summary>It was joined before.</summary>
    AlreadyJoined,

    /// <summary>It is open for publishing only, or joined and asked for as that; leave it first.</summary>
    OtherMode,

    /// <summary>Its name is empty, too long, no text, or the subscription filter refuses it.</summary>
    BadTopic,

    /// <summary>As many topics as allowed are joined.</summary>
    TooManyTopics,
}
