using System.CommandLine;
using Pmq.Agent.Configuration;

namespace Pmq.Cli.Commands;

/// <summary>The options of <c>pmq agent</c>: one for each setting that has a flag.</summary>
internal sealed class AgentFlags
{
    private readonly Option<string> _config = new("--config")
    {
        Description = $"The configuration, YAML or JSON. Default: ${ConfigurationSources.FileVariable}, else "
            + $"{ConfigurationSources.DefaultPath} if it is there.",
        HelpName = "FILE",
    };

    private readonly List<(string Flag, Option Option)> _flags = [];

    /// <summary>Adds the options to a command.</summary>
    public AgentFlags(Command command)
    {
        command.Add(_config);
        foreach (Setting setting in AgentSettings.All.Where(setting => setting.Flag is not null))
        {
            Option option = setting switch
            {
                { IsList: true } => new Option<string[]>(setting.Flag!) { AllowMultipleArgumentsPerToken = true },
                Setting<bool> => new Option<bool>(setting.Flag!),
                _ => new Option<string>(setting.Flag!),
            };
            option.Description = $"{setting.Description} ({setting.Key})";
            option.HelpName = setting is Setting<bool> ? null : setting.TypeName;
            _flags.Add((setting.Flag!, option));
            command.Add(option);
        }
    }

    /// <summary>The configuration by file, environment and the flags that were given.</summary>
    public AgentConfiguration Load(ParseResult parsed)
    {
        var given = new List<(string, IReadOnlyList<string>)>();
        foreach ((string flag, Option option) in _flags)
        {
            if (parsed.GetResult(option) is not { Implicit: false } result)
            {
                continue;
            }

            IReadOnlyList<string> values = [.. result.Tokens.Select(token => token.Value)];
            given.Add((flag, values.Count == 0 ? ["true"] : values));
        }

        return AgentConfiguration.Load(new ConfigurationSources { File = parsed.GetValue(_config), Flags = given });
    }
}
