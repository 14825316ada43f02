namespace Pmq.Gossipsub;

/// <summary>What the node says of a message.</summary>
public enum Verdict
{
    /// <summary>Valid: deliver and pass on.</summary>
    Accept,

    /// <summary>Drop without blame.</summary>
    Ignore,

    /// <summary>Invalid: drop and penalise every peer that sent it.</summary>
    Reject,
}
