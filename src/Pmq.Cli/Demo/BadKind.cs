namespace Pmq.Cli.Demo;

/// <summary>How a report of the attacker is bad. The order is that of the results.</summary>
internal enum BadKind
{
    /// <summary>One of the signatures is that of another key.</summary>
    ForgedSignature,

    /// <summary>One signature fewer than the quorum.</summary>
    SubQuorum,

    /// <summary>Signed by a quorum, never seen before, far behind the validity threshold.</summary>
    StaleSequence,

    /// <summary>Signed by a quorum of a network that no keyring has.</summary>
    UnknownNetwork,

    /// <summary>Signed by a quorum, far ahead of the bound.</summary>
    FarFutureSequence,
}
