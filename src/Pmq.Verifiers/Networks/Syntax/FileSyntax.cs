using System.Text;

namespace Pmq.Verifiers.Networks.Syntax;

/// <summary>
/// Reads YAML or JSON into nodes, bounded in depth and number. Of YAML it leaves out what says something other than it
/// seems to: anchors, aliases, tags, a second document.
/// </summary>
internal static class FileSyntax
{
    /// <summary>The deepest nesting; a networks file has seven levels.</summary>
    public const int MaxDepth = 16;

    /// <summary>The most values of all kinds (arbitrary, may be raised): 1000 networks of 255 signers fit.</summary>
    public const int MaxNodes = 300_000;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads a file's content: JSON when it begins with a brace, else YAML.</summary>
    /// <exception cref="SyntaxException">It is neither.</exception>
    public static FileNode Read(ReadOnlyMemory<byte> content)
    {
        if (content.Span.StartsWith(Encoding.UTF8.Preamble))
        {
            content = content[Encoding.UTF8.Preamble.Length..];
        }

        string text;
        try
        {
            text = StrictUtf8.GetString(content.Span);
        }
        catch (DecoderFallbackException e)
        {
            int line = content.Span[..Math.Clamp(e.Index, 0, content.Length)].Count((byte)'\n') + 1;
            throw new SyntaxException(line, "is not UTF-8 text");
        }

        return text.AsSpan().TrimStart().StartsWith("{") ? JsonSyntax.Read(content) : YamlSyntax.Read(text);
    }

    /// <summary>
    /// What a parser says, in one line: it appends positions, which the line number says, and may quote the file.
    /// </summary>
    public static string FirstSentence(string message)
    {
        string line = message.ReplaceLineEndings("\n").Split('\n')[0];
        int tail = line.IndexOf(" LineNumber:", StringComparison.Ordinal);
        line = tail < 0 ? line : line[..tail];
        int mark = line.IndexOf("): ", StringComparison.Ordinal);
        line = (line.StartsWith('(') && mark >= 0 ? line[(mark + 3)..] : line).Trim().TrimEnd('.');
        return KeyText.Shorten(line, 160);
    }
}
