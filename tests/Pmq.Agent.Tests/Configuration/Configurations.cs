using Pmq.Agent.Configuration;

namespace Pmq.Agent.Tests.Configuration;

/// <summary>Loads configurations for tests, with no environment but what is given.</summary>
internal static class Configurations
{
    public static AgentConfiguration Load(
        string? file = null,
        IReadOnlyDictionary<string, string>? environment = null,
        params (string Flag, string[] Values)[] flags) => AgentConfiguration.Load(new ConfigurationSources
        {
            File = file,
            Environment = name => environment?.GetValueOrDefault(name),
            Flags = [.. flags.Select(flag => (flag.Flag, (IReadOnlyList<string>)flag.Values))],
        });

    public static AgentConfiguration Yaml(string text)
    {
        using var folder = new TemporaryFolder();
        return Load(folder.Write("pmq.yaml", text));
    }

    /// <summary>The error line of a file, its folder left out.</summary>
    public static string Fault(string name, string text)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write(name, text);
        var fault = Assert.Throws<ConfigurationException>(() => Load(path));
        Assert.DoesNotContain('\n', fault.Message);
        return fault.Message.Replace(folder.Path + "/", "", StringComparison.Ordinal);
    }

    public static string FlagFault(string flag, params string[] values) =>
        Assert.Throws<ConfigurationException>(() => Load(null, null, (flag, values))).Message;
}
