namespace Pmq.Simulation.Scenarios;

/// <summary>Defences of honest nodes that a run can switch off, to show what they are good for.</summary>
[Flags]
public enum Defences
{
    /// <summary>None: everything is on.</summary>
    None = 0,

    /// <summary>Peer scores, and what stands on them.</summary>
    Scoring = 1,

    /// <summary>Protection of the validation queues.</summary>
    QueueProtection = 2,

    /// <summary>The gate by which a peer that starves one topic leaves that topic's mesh.</summary>
    TopicGate = 4,
}
