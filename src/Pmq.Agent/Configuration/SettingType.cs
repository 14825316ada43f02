namespace Pmq.Agent.Configuration;

/// <summary>Reads a value from a node: null, or what would be right, as <c>an integer from 1 to 128</c>.</summary>
internal delegate string? SettingReader<T>(ConfigNode node, out T value);

/// <summary>What values a setting takes.</summary>
/// <param name="Name">For the reference, as <c>duration</c>.</param>
/// <param name="Read">Reads and checks the range.</param>
/// <param name="Text">The value as a configuration file would write it.</param>
/// <param name="Json">The value for JSON: bool, long, double, string or a list of these.</param>
/// <param name="ZeroIsAbsent">Zero or empty text means that nothing is set, as the Go agent has it.</param>
internal sealed record SettingType<T>(
    string Name, SettingReader<T> Read, Func<T, string> Text, Func<T, object?> Json, bool ZeroIsAbsent = false);
