using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pmq.Cli;

/// <summary>What the commands print: results on standard output, all else on standard error.</summary>
internal static class Terminal
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly Stream Output = Console.OpenStandardOutput();

    /// <summary>One line of results, flushed: whoever reads it need not wait for the next.</summary>
    public static void Line(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text + "\n");
        try
        {
            lock (Output)
            {
                Output.Write(bytes);
                Output.Flush();
            }
        }
        catch (IOException e)
        {
            throw new OutputClosedException(e);
        }
    }

    /// <summary>One line of JSON.</summary>
    public static void JsonLine(JsonObject value) => Line(value.ToJsonString(Json));

    /// <summary>One line for people, on standard error.</summary>
    public static void Note(string text) => Console.Error.WriteLine("pmq: " + OneLine(text));

    /// <summary>The one line that a failed command ends with.</summary>
    public static void Error(string text) => Note(text.TrimEnd('.', ' '));

    private static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            line.Append(char.IsControl(c) ? ' ' : c);
        }

        return line.ToString();
    }
}
