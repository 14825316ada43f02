using System.Text;

namespace Pmq.Agent.Configuration;

/// <summary>Writes docs/configuration.md from the settings themselves.</summary>
internal static class ConfigurationReference
{
    /// <summary>The page.</summary>
    public static string Write()
    {
        var page = new StringBuilder(
            """
            # Configuration

            Made from the descriptions of the settings by `pmq config reference`; a test holds it current.

            `pmq agent` reads YAML or JSON: the file of `--config`, else of the variable `P2PMQ_CONFIG`, else
            `/p2pmq/p2pmq.json` if it is there. The files of the Go agent are read unchanged. A value is taken from the last
            of these that sets it: default, file, environment, flag. `pmq config show` prints each value and where it comes
            from.

            - Null is absent; so is 0, and empty text, where the range does not begin there (as in the Go agent).
            - Durations are Go's (`1m30s`, `250ms`) or integer nanoseconds.
            - An unknown key is an error. Keys of JSON match without regard to case, those of YAML exactly.
            - Relations (`dlo` ≤ `d` ≤ `dhi` and so on) are checked on what the file sets; what is unset follows.
              D_out is max(0, min(2, dlo − 1, (d − 1) / 2)).
            - `[]` stands for each element of a list, `*` for a name of your own.

            ## Settings


            """);
        Table(page, AgentSettings.All.Where(setting => setting.Effect == SettingEffect.Full));
        page.Append(
            """

            ## Read, checked, and not acted on yet

            Setting one of them is named in a warning at start.


            """);
        Table(page, AgentSettings.All.Where(setting => setting.Effect == SettingEffect.None));
        page.Append(
            """

            ## Refused

            These change what is safe, and this version does not implement them: setting one is an error.


            """);
        Table(page, AgentSettings.All.Where(setting => setting.Effect == SettingEffect.Refused));
        return page.ToString();
    }

    private static void Table(StringBuilder page, IEnumerable<Setting> settings)
    {
        page.Append("| key | type | default | flag, variable | what it does |\n|---|---|---|---|---|\n");
        foreach (Setting setting in settings)
        {
            string sources = string.Join(", ", new[] { setting.Flag, setting.Variable }
                .Where(source => source is not null).Select(source => $"`{source}`"));
            page.Append("| `").Append(setting.Key).Append("` | ").Append(Cell(setting.TypeName))
                .Append(" | ").Append(Cell(setting.DefaultText)).Append(" | ").Append(sources)
                .Append(" | ").Append(Cell(setting.Description)).Append(" |\n");
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
