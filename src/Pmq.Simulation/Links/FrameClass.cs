namespace Pmq.Simulation.Links;

/// <summary>The class of a frame in a peer's outbound queue: the lower goes first.</summary>
public enum FrameClass
{
    /// <summary>Subscriptions and control.</summary>
    Control,

    /// <summary>The sender's own publication.</summary>
    Publish,

    /// <summary>A message that is passed on, or sent because it was asked for.</summary>
    Relay,
}
