using System.Globalization;

namespace Pmq.Agent.Configuration;

/// <summary>The values of all settings, each with its origin: defaults, then file, environment, flags.</summary>
internal sealed class AgentConfiguration
{
    private readonly Dictionary<string, SettingValue> _set;

    private AgentConfiguration(Dictionary<string, SettingValue> set, int topicCount)
    {
        _set = set;
        TopicCount = topicCount;
    }

    /// <summary>Nothing set.</summary>
    public static AgentConfiguration Empty { get; } = new(new(), 0);

    /// <summary>Elements of <c>pubsub.topics</c>.</summary>
    public int TopicCount { get; }

    /// <summary>Reads file, environment and flags, and checks them each for itself and against one another.</summary>
    /// <exception cref="ConfigurationException">Something is wrong; the message is one line.</exception>
    public static AgentConfiguration Load(ConfigurationSources sources)
    {
        var set = new Dictionary<string, SettingValue>(StringComparer.Ordinal);
        int topics = 0;
        if (sources.FindFile() is { } file)
        {
            var reader = new SettingReader(ConfigFile.Read(file.Path, file.NamedBy), set);
            reader.Read();
            topics = reader.TopicCount;
        }

        sources.ReadEnvironment(set);
        sources.ReadFlags(set);
        var configuration = new AgentConfiguration(set, topics);
        ConfigurationRules.Check(configuration);
        return configuration;
    }

    /// <summary>The value of a setting that has a default.</summary>
    public T Get<T>(Setting<T> setting)
        where T : notnull => (T)Find(setting).Value!;

    /// <summary>The value, or null where nobody set it and it has no default.</summary>
    public T? GetOrNull<T>(Setting<T> setting)
        where T : class => (T?)Find(setting).Value;

    /// <summary>What the user set, or <paramref name="otherwise"/>.</summary>
    public T SetOr<T>(Setting<T> setting, T otherwise)
        where T : notnull => _set.TryGetValue(setting.Key, out SettingValue? value) ? (T)value.Value! : otherwise;

    /// <summary>
    /// What the user set for the element <paramref name="topic"/> of <c>pubsub.topics</c>; null if nothing.
    /// </summary>
    public SettingValue? FindSet(Setting setting, int topic = -1) =>
        _set.GetValueOrDefault(topic < 0 ? setting.Key : At(setting, topic));

    /// <summary>What the user set under a key, indexes and names in their places; null if nothing.</summary>
    public SettingValue? FindSet(string key) => _set.GetValueOrDefault(key);

    /// <summary>The value and its origin.</summary>
    public SettingValue Find<T>(Setting<T> setting)
        where T : notnull =>
        _set.GetValueOrDefault(setting.Key)
            ?? new SettingValue(setting.Key, setting, setting.Default(this), ValueOrigin.Default);

    /// <summary>
    /// Every value, set or default, in the order of the reference; elements of lists where they are set.
    /// </summary>
    public IEnumerable<SettingValue> All()
    {
        foreach (Setting setting in AgentSettings.All)
        {
            if (setting.Key.AsSpan().ContainsAny('[', '*'))
            {
                continue;
            }

            yield return _set.GetValueOrDefault(setting.Key)
                ?? new SettingValue(setting.Key, setting, setting.DefaultValue(this), ValueOrigin.Default);
        }

        foreach (SettingValue value in Set.Where(value => value.Setting.Key.AsSpan().ContainsAny('[', '*')))
        {
            yield return value;
        }
    }

    /// <summary>Every value that the user set, in the order of their keys.</summary>
    public IEnumerable<SettingValue> Set => _set.Values.OrderBy(value => value.Key, StringComparer.Ordinal);

    private static string At(Setting setting, int index) => setting.Key.Replace(
        "[]", string.Create(CultureInfo.InvariantCulture, $"[{index}]"), StringComparison.Ordinal);
}
