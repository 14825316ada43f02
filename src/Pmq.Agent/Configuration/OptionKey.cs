namespace Pmq.Agent.Configuration;

/// <summary>One key of a group whose values make up a record of options.</summary>
internal abstract class OptionKey<TOptions>
{
    /// <summary>The key within the group, as <c>timeInMesh.cap</c>.</summary>
    public required string Suffix { get; init; }

    /// <summary>The setting of this key.</summary>
    /// <param name="prefix">The group, ending in a dot.</param>
    /// <param name="resolve">The options as configured: what the key follows while it is not set.</param>
    public abstract Setting At(string prefix, Func<AgentConfiguration, TOptions> resolve);

    /// <summary>The options with this key's value.</summary>
    public abstract TOptions Apply(TOptions options, object value);
}

/// <summary>One key of a group, with a value of type <typeparamref name="T"/>.</summary>
internal sealed class OptionKey<TOptions, T> : OptionKey<TOptions>
    where T : notnull
{
    /// <summary>What values it takes.</summary>
    public required SettingType<T> Type { get; init; }

    /// <summary>What it does.</summary>
    public required string Description { get; init; }

    /// <summary>The value in the options.</summary>
    public required Func<TOptions, T> Get { get; init; }

    /// <summary>The options with another value.</summary>
    public required Func<TOptions, T, TOptions> With { get; init; }

    /// <summary>The default in words; null where the number says it.</summary>
    public string? DefaultWords { get; init; }

    /// <inheritdoc />
    public override Setting At(string prefix, Func<AgentConfiguration, TOptions> resolve) => DefaultWords is null
        ? new Setting<T>
        {
            Key = prefix + Suffix,
            Type = Type,
            Description = Description,
            Default = configuration => Get(resolve(configuration)),
        }
        : new Setting<T>
        {
            Key = prefix + Suffix,
            Type = Type,
            Description = Description,
            Default = configuration => Get(resolve(configuration)),
            DefaultWords = DefaultWords,
        };

    /// <inheritdoc />
    public override TOptions Apply(TOptions options, object value) => With(options, (T)value);
}
