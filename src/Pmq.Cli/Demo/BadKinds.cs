namespace Pmq.Cli.Demo;

/// <summary>All kinds of bad reports, and what they are called.</summary>
internal static class BadKinds
{
    /// <summary>In the order of the results.</summary>
    public static IReadOnlyList<BadKind> All { get; } = Enum.GetValues<BadKind>();

    /// <summary>The name in JSON.</summary>
    public static string Name(this BadKind kind) => kind switch
    {
        BadKind.ForgedSignature => "forgedSignature",
        BadKind.SubQuorum => "subQuorum",
        BadKind.StaleSequence => "staleSequence",
        BadKind.UnknownNetwork => "unknownNetwork",
        _ => "farFutureSequence",
    };

    /// <summary>The name for people.</summary>
    public static string Words(this BadKind kind) => kind switch
    {
        BadKind.ForgedSignature => "forged signature",
        BadKind.SubQuorum => "sub-quorum",
        BadKind.StaleSequence => "stale sequence",
        BadKind.UnknownNetwork => "unknown network",
        _ => "far-future sequence",
    };
}
