namespace Pmq.Agent.Configuration;

/// <summary>A part of a configuration file, YAML or JSON alike, with the line on which it begins.</summary>
internal abstract record ConfigNode(int Line);

/// <summary>
/// A single value. <paramref name="IsText"/> is true for one that is quoted, which is never a number or null.
/// </summary>
internal sealed record ConfigScalar(string Text, bool IsText, int Line) : ConfigNode(Line)
{
    /// <summary>Absent, as <c>key:</c>, <c>~</c> and <c>null</c> are.</summary>
    public bool IsNull => !IsText && Text is "" or "~" or "null" or "Null" or "NULL";
}

/// <summary>A sequence.</summary>
internal sealed record ConfigList(IReadOnlyList<ConfigNode> Items, int Line) : ConfigNode(Line);

/// <summary>A mapping, in the order of the file.</summary>
internal sealed record ConfigMap(IReadOnlyList<ConfigEntry> Entries, int Line) : ConfigNode(Line);

/// <summary>A key of a mapping and its value.</summary>
internal sealed record ConfigEntry(string Key, ConfigNode Value, int Line);
