namespace Pmq.Verifiers.Window;

/// <summary>Where marks are kept.</summary>
public sealed record FileMarkStoreOptions
{
    /// <summary>The directory; made when it is not there. One store at a time has it.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// Marks kept, one for each network and digest ever seen; beyond it a new one is refused. 1 to 65,536; default
    /// 4,096 (arbitrary): about half a megabyte.
    /// </summary>
    public int MaxMarks { get; init; } = 4096;
}
