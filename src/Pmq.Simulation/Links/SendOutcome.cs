namespace Pmq.Simulation.Links;

/// <summary>What became of a frame that was handed to a connection.</summary>
public enum SendOutcome
{
    /// <summary>It is under way.</summary>
    Sent,

    /// <summary>It waits in the queue of its class.</summary>
    Queued,

    /// <summary>It goes nowhere; counted by <see cref="FrameDrop"/>.</summary>
    Dropped,
}
