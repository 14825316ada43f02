using System.Globalization;

namespace Pmq.Client;

/// <summary>Checks of options; the message names the key, its value and what would be right.</summary>
internal static class OptionRules
{
    public static void Require(bool isRight, string key, object? value, string expected)
    {
        if (!isRight)
        {
            string text = value is null ? "null" : Convert.ToString(value, CultureInfo.InvariantCulture)!;
            throw new PmqClientException(PmqClientFault.BadArgument, $"{key} = {text}: must be {expected}");
        }
    }

    public static void Count(string key, int value, int max) => Require(
        value >= 1 && value <= max, key, value, string.Create(CultureInfo.InvariantCulture, $"1 to {max}"));

    /// <summary>Timers take no more than 49 days; a day is as good as for ever here.</summary>
    public static void Span(string key, TimeSpan value) => Require(
        value > TimeSpan.Zero && value <= TimeSpan.FromDays(1), key, value, "more than zero and at most one day");

    public static void Topics(string key, IReadOnlyList<string>? topics)
    {
        Require(topics is not { Count: 0 }, key, "[]", "at least one topic, or null for all");
        for (int i = 0; i < topics?.Count; i++)
        {
            Require(!string.IsNullOrEmpty(topics[i]), $"{key}[{i}]", "\"\"", "the name of a topic");
        }
    }
}
