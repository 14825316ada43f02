using System.Text;
using System.Text.Json;

namespace Pmq.Verifiers.Networks.Syntax;

/// <summary>Reads JSON, with comments.</summary>
internal static class JsonSyntax
{
    /// <summary>Reads one value.</summary>
    /// <exception cref="SyntaxException">It is not JSON, or beyond the bounds.</exception>
    public static FileNode Read(ReadOnlyMemory<byte> content)
    {
        var options = new JsonReaderOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            MaxDepth = FileSyntax.MaxDepth,
        };
        var reader = new Utf8JsonReader(content.Span, options);
        var lines = new LineCounter(content);
        try
        {
            reader.Read();
            int count = 0;
            FileNode root = ReadNode(ref reader, lines, ref count);
            return reader.Read()
                ? throw new SyntaxException(lines.At(reader.TokenStartIndex), "there is text after the end of the object")
                : root;
        }
        catch (JsonException e)
        {
            throw new SyntaxException(
                (int)(e.LineNumber ?? 0) + 1, "is not JSON: " + FileSyntax.FirstSentence(e.Message));
        }
        catch (InvalidOperationException)
        {
            // The reader's word for half of a surrogate pair as an escape.
            throw new SyntaxException(lines.At(reader.TokenStartIndex), "is not JSON: the text is not Unicode");
        }
    }

    private static FileNode ReadNode(ref Utf8JsonReader reader, LineCounter lines, ref int count)
    {
        int line = lines.At(reader.TokenStartIndex);
        if (++count > FileSyntax.MaxNodes)
        {
            throw new SyntaxException(line, $"there are more than {FileSyntax.MaxNodes} values");
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var entries = new List<FileEntry>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    int keyLine = lines.At(reader.TokenStartIndex);
                    string key = reader.GetString()!;
                    reader.Read();
                    entries.Add(new FileEntry(key, ReadNode(ref reader, lines, ref count), keyLine));
                }

                return new FileMap(entries, line);
            case JsonTokenType.StartArray:
                var items = new List<FileNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(ReadNode(ref reader, lines, ref count));
                }

                return new FileList(items, line);
            case JsonTokenType.String:
                return new FileScalar(reader.GetString()!, IsQuoted: true, line);
            case JsonTokenType.Null:
                return new FileScalar("", IsQuoted: false, line);
            default:
                return new FileScalar(Encoding.UTF8.GetString(reader.ValueSpan), IsQuoted: false, line);
        }
    }

    /// <summary>Line numbers of ascending positions.</summary>
    private sealed class LineCounter(ReadOnlyMemory<byte> content)
    {
        private int _line = 1;
        private int _position;

        public int At(long position)
        {
            int end = (int)Math.Max(position, _position);
            _line += content.Span[_position..end].Count((byte)'\n');
            _position = end;
            return _line;
        }
    }
}
