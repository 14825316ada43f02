namespace Pmq.Simulation.Links;

/// <summary>Why a frame that was sent did not arrive.</summary>
public enum FrameDrop
{
    /// <summary>The connection was closed already.</summary>
    NotConnected,

    /// <summary>The sender's queue for that peer had no room.</summary>
    QueueFull,

    /// <summary>It waited in the queue for too long.</summary>
    Stale,

    /// <summary>The same message waits in the queue already.</summary>
    WaitsAlready,

    /// <summary>It waited, and the peer said that it has it (IDONTWANT).</summary>
    Cancelled,

    /// <summary>The connection broke while it waited or was under way.</summary>
    ConnectionBroken,
}
