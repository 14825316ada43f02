using System.Globalization;

namespace Pmq.Agent.Configuration;

/// <summary>Where the configuration is read from.</summary>
internal sealed class ConfigurationSources
{
    /// <summary>The variable that names the file.</summary>
    public const string FileVariable = "P2PMQ_CONFIG";

    /// <summary>Where the Go agent looks; read if it is there.</summary>
    public const string DefaultPath = "/p2pmq/p2pmq.json";

    /// <summary>The file of <c>--config</c>; null without the flag.</summary>
    public string? File { get; init; }

    /// <summary>The values of the flags that were given, by flag, as <c>--listen</c>.</summary>
    public IReadOnlyList<(string Flag, IReadOnlyList<string> Values)> Flags { get; init; } = [];

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>
    /// The file to read and who names it: the flag, else the environment, else the default path if it exists.
    /// </summary>
    public (string Path, string NamedBy)? FindFile()
    {
        if (File is not null)
        {
            return (File, "--config");
        }

        return Environment(FileVariable) is { Length: > 0 } named ? (named, FileVariable)
            : System.IO.File.Exists(DefaultPath) ? (DefaultPath, "the configuration at")
            : null;
    }

    /// <summary>Adds what the environment sets; an empty variable sets nothing.</summary>
    public void ReadEnvironment(Dictionary<string, SettingValue> values)
    {
        foreach (Setting setting in AgentSettings.All)
        {
            if (setting.Variable is not { } variable || Environment(variable) is not { Length: > 0 } text)
            {
                continue;
            }

            var origin = new ValueOrigin(OriginKind.Environment, variable);
            if (setting == AgentSettings.GrpcListen)
            {
                // The Go agent's variable is a port; it binds every address there and only loopback here.
                if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
                {
                    throw Wrong(variable, text, "a port from 0 to 65535", isSecret: false);
                }

                values[setting.Key] = new SettingValue(setting.Key, setting, BindAddress.Loopback(port), origin);
                continue;
            }

            Add(values, setting, new ConfigScalar(text, IsText: true, 0), variable, text, origin);
        }
    }

    /// <summary>Adds what the flags set.</summary>
    public void ReadFlags(Dictionary<string, SettingValue> values)
    {
        foreach ((string flag, IReadOnlyList<string> texts) in Flags)
        {
            Setting setting = AgentSettings.All.First(candidate => candidate.Flag == flag);
            ConfigNode node = setting.IsList
                ? new ConfigList([.. texts.Select(text => new ConfigScalar(text, IsText: true, 0))], 0)
                : new ConfigScalar(texts[^1], IsText: setting is not Setting<bool>, 0);
            Add(values, setting, node, flag, string.Join(" ", texts), new ValueOrigin(OriginKind.Flag, flag));
        }
    }

    private static void Add(
        Dictionary<string, SettingValue> values,
        Setting setting,
        ConfigNode node,
        string name,
        string text,
        ValueOrigin origin)
    {
        if (setting.Read(node, out object? value) is { } right)
        {
            throw Wrong(name, text, right, setting.IsSecret);
        }

        values[setting.Key] = value is not null
            ? new SettingValue(setting.Key, setting, value, origin)
            : throw Wrong(name, text, setting.TypeName, setting.IsSecret);
    }

    private static ConfigurationException Wrong(string name, string text, string right, bool isSecret) =>
        new($"{name} {(isSecret ? "(secret)" : text)}: must be {right}");
}
