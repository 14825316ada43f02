namespace Pmq.Verifiers.Reports;

/// <summary>How many of n members, of which f may be faulty, sign a report.</summary>
public enum QuorumPolicy
{
    /// <summary>f + 1: at least one honest member signed. The default of OCR, also on chain.</summary>
    OneHonest,

    /// <summary>⌊(n + f) / 2⌋ + 1: no two different reports of one sequence can both have it.</summary>
    Byzantine,

    /// <summary>n − f: all that can be waited for.</summary>
    AllHonest,
}
