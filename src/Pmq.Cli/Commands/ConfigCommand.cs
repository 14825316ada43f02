using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pmq.Agent.Configuration;

namespace Pmq.Cli.Commands;

/// <summary><c>pmq config show | reference</c>.</summary>
internal static class ConfigCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new("config", "Shows the configuration.") { Show(), Reference() };

    private static Command Show()
    {
        var command = new Command("show", "Prints each value in effect and where it comes from; secrets are masked.");
        var flags = new AgentFlags(command);
        Option<bool> json = Flags.Json();
        command.Add(json);
        command.SetAction(parsed =>
        {
            List<SettingValue> values = [.. flags.Load(parsed).All()];
            int width = values.Max(value => value.Key.Length);
            foreach (SettingValue value in values)
            {
                if (parsed.GetValue(json))
                {
                    Terminal.JsonLine(new JsonObject
                    {
                        ["event"] = "setting",
                        ["key"] = value.Key,
                        ["value"] = JsonSerializer.SerializeToNode(value.Json),
                        ["origin"] = value.Origin.ToString(),
                    });
                }
                else
                {
                    Terminal.Line(
                        $"{value.Key.PadRight(width)}  {(value.Value is null ? "-" : value.Text),-32}  {value.Origin}");
                }
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Command Reference()
    {
        var command = new Command("reference", "Prints docs/configuration.md, made from the settings.");
        Option<bool> json = Flags.Json();
        command.Add(json);
        command.SetAction(parsed =>
        {
            if (!parsed.GetValue(json))
            {
                Terminal.Line(ConfigurationReference.Write().TrimEnd('\n'));
                return ExitCode.Success;
            }

            foreach (Setting setting in AgentSettings.All)
            {
                Terminal.JsonLine(new JsonObject
                {
                    ["event"] = "setting",
                    ["key"] = setting.Key,
                    ["type"] = setting.TypeName,
                    ["default"] = setting.DefaultText,
                    ["flag"] = setting.Flag,
                    ["variable"] = setting.Variable,
                    ["description"] = setting.Description,
                });
            }

            return ExitCode.Success;
        });
        return command;
    }
}
