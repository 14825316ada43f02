namespace Pmq.Simulation.Time;

/// <summary>What happens when an event is due; says what its fields are.</summary>
internal enum EventKind
{
    /// <summary>A frame (subject) arrives at an end of a connection (target); number: its class.</summary>
    Frame,

    /// <summary>An end of a connection (target) may send what waits in its queue.</summary>
    Pump,

    /// <summary>A timer of an actor (target) with the owner's state (subject) and number.</summary>
    Timer,

    /// <summary>A handshake is done: the dialer's end (target).</summary>
    Opened,

    /// <summary>The other end (target) learns that the connection is closed.</summary>
    Closed,

    /// <summary>A dial of an actor (target) to another (subject) has failed.</summary>
    DialFailed,

    /// <summary>An action (subject) of whoever wrote the scenario.</summary>
    Action,
}
