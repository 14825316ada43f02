namespace Pmq.Verifiers.Networks.Syntax;

/// <summary>A part of a file, YAML or JSON alike, with the line on which it begins.</summary>
internal abstract record FileNode(int Line);

/// <summary>A single value as its text: 0x12 and 007 are not read as numbers.</summary>
/// <param name="Text">The text.</param>
/// <param name="IsQuoted">True for one that is never a number or null.</param>
/// <param name="Line">The line on which it begins.</param>
internal sealed record FileScalar(string Text, bool IsQuoted, int Line) : FileNode(Line)
{
    /// <summary>Absent, as <c>key:</c>, <c>~</c> and <c>null</c> are.</summary>
    public bool IsNull => !IsQuoted && Text is "" or "~" or "null" or "Null" or "NULL";
}

/// <summary>A sequence.</summary>
internal sealed record FileList(IReadOnlyList<FileNode> Items, int Line) : FileNode(Line);

/// <summary>A mapping, in the order of the file; a key may stand twice.</summary>
internal sealed record FileMap(IReadOnlyList<FileEntry> Entries, int Line) : FileNode(Line);

/// <summary>A key of a mapping and its value.</summary>
internal sealed record FileEntry(string Key, FileNode Value, int Line);
