namespace Pmq.Gossipsub.Messages;

/// <summary>Where a message is between its coming and its end.</summary>
internal enum MessageState
{
    /// <summary>Not in the router, or done with.</summary>
    None,

    /// <summary>
    /// Its signature is being checked; copies of its data with another envelope may be checked beside it.
    /// </summary>
    Checking,

    /// <summary>The node judges it: one message for each topic and id.</summary>
    Judging,
}
