namespace Pmq.Agent.Configuration;

/// <summary>Keys whose values make up a record of options.</summary>
internal sealed class OptionGroup<TOptions>
{
    private readonly List<OptionKey<TOptions>> _keys = [];

    /// <summary>Adds a key.</summary>
    /// <param name="suffix">The key within the group.</param>
    /// <param name="type">What values it takes.</param>
    /// <param name="get">The value in the options.</param>
    /// <param name="with">The options with another value.</param>
    /// <param name="description">What it does.</param>
    /// <param name="defaultWords">The default in words; null where the number says it.</param>
    public OptionGroup<TOptions> Add<T>(
        string suffix, SettingType<T> type, Func<TOptions, T> get, Func<TOptions, T, TOptions> with,
        string description, string? defaultWords = null)
        where T : notnull
    {
        _keys.Add(new OptionKey<TOptions, T>
        {
            Suffix = suffix,
            Type = type,
            Get = get,
            With = with,
            Description = description,
            DefaultWords = defaultWords,
        });
        return this;
    }

    /// <summary>The settings of the group at a place.</summary>
    /// <param name="prefix">The place, ending in a dot.</param>
    /// <param name="resolve">The options as configured, for what is not set.</param>
    public IEnumerable<Setting> SettingsAt(string prefix, Func<AgentConfiguration, TOptions> resolve) =>
        _keys.Select(key => key.At(prefix, resolve));

    /// <summary>The options with what is set at a place.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="prefix">The place, ending in a dot, indexes and names in their places.</param>
    /// <param name="options">What holds for the rest.</param>
    public TOptions Apply(AgentConfiguration configuration, string prefix, TOptions options) => _keys.Aggregate(
        options,
        (current, key) => configuration.FindSet(prefix + key.Suffix) is { } value
            ? key.Apply(current, value.Value!)
            : current);
}
