namespace Pmq.Verifiers.Window;

/// <summary>What a replacement of the file of marks has done: a crash may come after each of them.</summary>
internal enum MarkFileStep
{
    /// <summary>The new file is there, empty.</summary>
    Created,

    /// <summary>It is written, maybe not to the disk.</summary>
    Written,

    /// <summary>It is on the disk.</summary>
    Flushed,

    /// <summary>It has taken the old one's name.</summary>
    Renamed,

    /// <summary>The name is on the disk too.</summary>
    Durable,
}
