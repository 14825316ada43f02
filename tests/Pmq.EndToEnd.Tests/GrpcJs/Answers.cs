using System.Text.Json;

namespace Pmq.EndToEnd.Tests.GrpcJs;

/// <summary>Reads answers of the js node.</summary>
internal static class Answers
{
    public static string Text(this JsonElement answer, string name) => answer.GetProperty(name).GetString()!;

    public static IReadOnlyList<string> Texts(this JsonElement answer, string name) =>
        [.. answer.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];
}
