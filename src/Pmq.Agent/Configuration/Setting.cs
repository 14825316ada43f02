using System.Collections;

namespace Pmq.Agent.Configuration;

/// <summary>What this version does with a setting.</summary>
internal enum SettingEffect
{
    /// <summary>Acts on it.</summary>
    Full,

    /// <summary>Reads and checks it and does not act on it yet; setting it is named in one warning at start.</summary>
    None,

    /// <summary>Refuses it, since running without it would be less safe than its owner believes.</summary>
    Refused,
}

/// <summary>One key of the configuration.</summary>
internal abstract class Setting
{
    /// <summary>
    /// The key as <c>pubsub.topics[].msgIDFn.size</c>: <c>[]</c> stands for each element of a list, <c>*</c> for any
    /// key of a mapping.
    /// </summary>
    public required string Key { get; init; }

    /// <summary>What it does, in one line, with the source of its default.</summary>
    public required string Description { get; init; }

    /// <summary>The flag of <c>pmq agent</c>; null without one.</summary>
    public string? Flag { get; init; }

    /// <summary>The environment variable; null without one.</summary>
    public string? Variable { get; init; }

    /// <summary>Whether the value is never printed.</summary>
    public bool IsSecret { get; init; }

    /// <summary>What this version does with it.</summary>
    public SettingEffect Effect { get; init; }

    /// <summary>The default, for the reference; empty for none.</summary>
    public abstract string DefaultText { get; }

    /// <summary>The type, for the reference.</summary>
    public abstract string TypeName { get; }

    /// <summary>Whether the value is a list, whose flag may be given more than once.</summary>
    public abstract bool IsList { get; }

    /// <summary>The default, given what else is set; null for none.</summary>
    public abstract object? DefaultValue(AgentConfiguration configuration);

    /// <summary>Reads a value: null, or what would be right. The value is null when the node means absent.</summary>
    public abstract string? Read(ConfigNode node, out object? value);

    /// <summary>The value as a configuration file would write it.</summary>
    public abstract string Text(object value);

    /// <summary>The value for JSON.</summary>
    public abstract object? Json(object value);
}

/// <summary>One key of the configuration with a value of type <typeparamref name="T"/>.</summary>
internal sealed class Setting<T> : Setting
    where T : notnull
{
    private readonly string? _defaultText;

    /// <summary>What values it takes.</summary>
    public required SettingType<T> Type { get; init; }

    /// <summary>The default, given what else is set; a null result means none.</summary>
    public Func<AgentConfiguration, object?> Default { get; init; } = _ => null;

    /// <inheritdoc />
    public override string TypeName => Type.Name;

    /// <inheritdoc />
    public override string DefaultText =>
        _defaultText ?? (Default(AgentConfiguration.Empty) is T value ? Text(value) : "");

    /// <summary>The default in words, where it follows other settings.</summary>
    public string? DefaultWords
    {
        init => _defaultText = value;
    }

    /// <inheritdoc />
    public override bool IsList => typeof(T) != typeof(string) && typeof(IEnumerable).IsAssignableFrom(typeof(T));

    /// <inheritdoc />
    public override object? DefaultValue(AgentConfiguration configuration) => Default(configuration);

    /// <inheritdoc />
    public override string? Read(ConfigNode node, out object? value)
    {
        value = null;
        if (node is ConfigScalar { IsNull: true })
        {
            return null;
        }

        string? error = Type.Read(node, out T read);
        bool isZero = Type.ZeroIsAbsent
            && (EqualityComparer<T>.Default.Equals(read, default) || read is string { Length: 0 });
        value = error is null && !isZero ? read : null;
        return error;
    }

    /// <inheritdoc />
    public override string Text(object value) => Type.Text((T)value);

    /// <inheritdoc />
    public override object? Json(object value) => Type.Json((T)value);
}
