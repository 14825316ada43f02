using System.Globalization;
using Pmq.Core.Text;

namespace Pmq.Agent.Configuration;

/// <summary>Reads a file's nodes into settings; a key that no setting has is an error.</summary>
internal sealed class SettingReader(ConfigFile file, Dictionary<string, SettingValue> values)
{
    /// <summary>Elements of <c>pubsub.topics</c> that were read.</summary>
    public int TopicCount { get; private set; }

    /// <summary>Reads the whole file.</summary>
    public void Read() => ReadMap(file.Root, "", "");

    /// <param name="map">The mapping.</param>
    /// <param name="pattern">Where it stands, as in <see cref="Setting.Key"/>; ends in a dot unless empty.</param>
    /// <param name="at">Where it stands, with indexes and free keys in their places.</param>
    private void ReadMap(ConfigMap map, string pattern, string at)
    {
        foreach (ConfigEntry entry in map.Entries)
        {
            string name = Match(pattern, entry) ?? throw Unknown(pattern, at, entry);
            ReadEntry(entry, pattern + name, at + (name is "*" ? entry.Key : name));
        }
    }

    private void ReadEntry(ConfigEntry entry, string pattern, string key)
    {
        bool isGroup = Children(pattern + ".").Any();
        if (isGroup && entry.Value is ConfigMap map)
        {
            ReadMap(map, pattern + ".", key + ".");
        }
        else if (Children(pattern + "[].").Any())
        {
            ReadElements(entry, pattern + "[].", key);
        }
        else if (AgentSettings.All.FirstOrDefault(setting => setting.Key == pattern) is { } setting)
        {
            ReadValue(setting, entry, key);
        }
        else if (entry.Value is not ConfigScalar { IsNull: true })
        {
            throw Wrong(key, entry.Value, "a mapping of keys to values");
        }
    }

    private void ReadElements(ConfigEntry entry, string pattern, string key)
    {
        if (entry.Value is ConfigScalar { IsNull: true })
        {
            return;
        }

        if (entry.Value is not ConfigList list)
        {
            throw Wrong(key, entry.Value, "a list");
        }

        for (int i = 0; i < list.Items.Count; i++)
        {
            string at = string.Create(CultureInfo.InvariantCulture, $"{key}[{i}]");
            ReadMap(
                list.Items[i] as ConfigMap ?? throw Wrong(at, list.Items[i], "a mapping of keys to values"),
                pattern,
                at + ".");
        }

        TopicCount = list.Items.Count;
    }

    private void ReadValue(Setting setting, ConfigEntry entry, string key)
    {
        if (setting.Read(entry.Value, out object? value) is { } right)
        {
            throw Wrong(key, entry.Value, right, setting.IsSecret);
        }

        if (value is not null)
        {
            values[key] = new SettingValue(
                key, setting, value, new ValueOrigin(OriginKind.File, file.Path, entry.Line));
        }
    }

    /// <summary>The name that the reference has for the key: itself, its other spelling in JSON, or <c>*</c>.</summary>
    private string? Match(string pattern, ConfigEntry entry)
    {
        StringComparison comparison = file.IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return Children(pattern).FirstOrDefault(name => name.Equals(entry.Key, comparison))
            ?? Children(pattern).FirstOrDefault(name => name is "*");
    }

    /// <summary>The names that may stand below a pattern.</summary>
    private static IEnumerable<string> Children(string pattern) => AgentSettings.All
        .Where(setting => setting.Key.StartsWith(pattern, StringComparison.Ordinal))
        .Select(setting => setting.Key[pattern.Length..])
        .Select(rest => rest.Split('.')[0].Replace("[]", "", StringComparison.Ordinal))
        .Distinct();

    private ConfigurationException Wrong(string key, ConfigNode node, string right, bool isSecret = false) =>
        new($"{file.Path}:{node.Line}: {key} = {(isSecret ? "(secret)" : SettingTypes.Display(node))}: "
            + $"must be {right}");

    private ConfigurationException Unknown(string pattern, string at, ConfigEntry entry)
    {
        string? nearest = Spelling.Nearest(entry.Key, Children(pattern));
        string hint = nearest is null ? "" : $"; did you mean {at}{nearest}?";
        return new($"{file.Path}:{entry.Line}: unknown key {at}{entry.Key}{hint}");
    }
}
