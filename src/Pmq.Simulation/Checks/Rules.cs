namespace Pmq.Simulation.Checks;

/// <summary>The rules that are checked, as sentences.</summary>
public static class Rules
{
    /// <summary>Only what the verifier accepts is delivered.</summary>
    public const string NoRejected = "only what is valid is delivered";

    /// <summary>No message is delivered twice to a node, whatever it lives through.</summary>
    public const string Once = "a message is delivered once";

    /// <summary>
    /// What a node accepted is not shown to its verifier again while its id is to be remembered: the verifier's own
    /// memory must not hide that the router's is bad.
    /// </summary>
    public const string JudgedOnce = "what was accepted is not judged again";

    /// <summary>Honest nodes find nothing to blame each other for, but for promises.</summary>
    public const string NoOffence = "the honest do not offend the honest";

    /// <summary>
    /// After a heartbeat a mesh is within D_hi, but for places that outbound peers may take, and not below D_lo while
    /// anybody may be grafted.
    /// </summary>
    public const string MeshSize = "a mesh stays within its bounds";

    /// <summary>The mesh that the router tells of is the mesh that it has.</summary>
    public const string MeshAgrees = "every change of a mesh is told";

    /// <summary>No table or queue exceeds its option.</summary>
    public const string Bounded = "tables and queues stay within their bounds";

    /// <summary>No honest peer falls below the graylist threshold of an honest node.</summary>
    public const string HonestHeard = "the honest are not graylisted";

    /// <summary>An offence never raises a score.</summary>
    public const string Monotonic = "a penalty does not raise a score";

    /// <summary>Each frame and each message that was received is accounted for.</summary>
    public const string Conservation = "nothing vanishes without a reason";

    /// <summary>What is published in good times arrives.</summary>
    public const string Liveness = "what is published reaches everybody";
}
