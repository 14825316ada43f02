namespace Pmq.Agent.Configuration;

/// <summary>A value and where it comes from.</summary>
/// <param name="Key">The key in full, as <c>pubsub.topics[0].name</c>.</param>
/// <param name="Setting">What it is a value of.</param>
/// <param name="Value">The value; null when nobody set it and there is no default.</param>
/// <param name="Origin">Where it comes from.</param>
internal sealed record SettingValue(string Key, Setting Setting, object? Value, ValueOrigin Origin)
{
    /// <summary>The value as people read it; secrets are masked.</summary>
    public string Text => Value is null ? "" : Setting.IsSecret ? "(secret)" : Setting.Text(Value);

    /// <summary>The value for JSON; secrets are masked.</summary>
    public object? Json => Value is null ? null : Setting.IsSecret ? "(secret)" : Setting.Json(Value);

    /// <summary>
    /// Key and value as the user wrote them, for error lines: by flag, by variable, or by place in the file.
    /// </summary>
    public string Label => Origin.Kind switch
    {
        OriginKind.Flag or OriginKind.Environment => $"{Origin.Name} {Text}",
        OriginKind.File => $"{Origin}: {Key} = {Text}",
        _ => $"{Key} = {Text}",
    };

    /// <summary>The key alone, as the user wrote it.</summary>
    public string Name => Origin.Kind switch
    {
        OriginKind.Flag or OriginKind.Environment => Origin.Name,
        OriginKind.File => $"{Origin}: {Key}",
        _ => Key,
    };
}
