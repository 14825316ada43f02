using System.Globalization;
using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Pmq.Agent.Configuration;

/// <summary>Reads a configuration file into nodes. Nothing is interpreted here but the syntax.</summary>
internal sealed class ConfigFile
{
    /// <summary>Arbitrary, may be raised: a configuration of this size is a mistake in the path.</summary>
    private const int MaxFileBytes = 4 * 1024 * 1024;

    private const int MaxDepth = 32;

    /// <summary>Arbitrary, may be raised: aliases that refer to aliases make a small file a very large tree.</summary>
    private const int MaxNodes = 100_000;

    private ConfigFile(string path, ConfigMap root, bool ignoresCase)
    {
        Path = path;
        Root = root;
        IgnoresCase = ignoresCase;
    }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>The top of the file; empty for an empty file.</summary>
    public ConfigMap Root { get; }

    /// <summary>
    /// True for JSON: the Go agent matches its keys without regard to case, and those of YAML exactly.
    /// </summary>
    public bool IgnoresCase { get; }

    /// <summary>
    /// Reads the file at <paramref name="path"/>, which <paramref name="namedBy"/> (a flag, a variable) names.
    /// </summary>
    /// <exception cref="ConfigurationException">It cannot be read, or is neither YAML nor JSON.</exception>
    public static ConfigFile Read(string path, string namedBy)
    {
        byte[] bytes;
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.CanSeek && stream.Length > MaxFileBytes)
            {
                throw new ConfigurationException(
                    $"{namedBy} {path}: the file has {stream.Length} bytes, more than the {MaxFileBytes} allowed");
            }

            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            bytes = copy.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            throw new ConfigurationException($"{namedBy} {path}: cannot be read: {FileFault.Describe(e)}");
        }

        return Parse(path, bytes);
    }

    /// <summary>Parses what a file of that name contains: JSON when it begins with a brace, YAML otherwise.</summary>
    public static ConfigFile Parse(string path, byte[] bytes)
    {
        ReadOnlySpan<byte> content = bytes;
        if (content.StartsWith(Encoding.UTF8.Preamble))
        {
            content = content[Encoding.UTF8.Preamble.Length..];
        }

        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException)
        {
            throw new ConfigurationException($"{path}: is not UTF-8 text");
        }

        string extension = System.IO.Path.GetExtension(path).ToLowerInvariant();
        bool isJson = extension is not (".yaml" or ".yml")
            && (extension is ".json" || text.AsSpan().TrimStart().StartsWith("{"));
        return isJson
            ? new ConfigFile(path, ParseJson(path, content.ToArray()), ignoresCase: true)
            : new ConfigFile(path, ParseYaml(path, text), ignoresCase: false);
    }

    private static ConfigMap ParseJson(string path, byte[] bytes)
    {
        var options = new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth };
        try
        {
            var reader = new Utf8JsonReader(bytes, options);
            var lines = new LineCounter(bytes);
            if (!reader.Read())
            {
                return new ConfigMap([], 1);
            }

            ConfigNode root = ReadJson(path, ref reader, lines);
            if (reader.Read())
            {
                throw Syntax(path, lines.At(reader.TokenStartIndex), "there is text after the end of the object");
            }

            return root is ConfigMap map ? map : throw Syntax(path, root.Line, "the file must hold an object");
        }
        catch (JsonException e)
        {
            throw Syntax(path, (int)(e.LineNumber ?? 0) + 1, "is not JSON: " + FirstSentence(e.Message));
        }
    }

    private static ConfigNode ReadJson(string path, ref Utf8JsonReader reader, LineCounter lines)
    {
        int line = lines.At(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var entries = new List<ConfigEntry>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    int keyLine = lines.At(reader.TokenStartIndex);
                    string key = reader.GetString()!;
                    reader.Read();
                    entries.Add(new ConfigEntry(key, ReadJson(path, ref reader, lines), keyLine));
                }

                RefuseDuplicates(path, entries, StringComparer.OrdinalIgnoreCase);
                return new ConfigMap(entries, line);
            case JsonTokenType.StartArray:
                var items = new List<ConfigNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(ReadJson(path, ref reader, lines));
                }

                return new ConfigList(items, line);
            case JsonTokenType.String:
                return new ConfigScalar(reader.GetString()!, IsText: true, line);
            case JsonTokenType.Null:
                return new ConfigScalar("", IsText: false, line);
            default:
                return new ConfigScalar(Encoding.UTF8.GetString(reader.ValueSpan), IsText: false, line);
        }
    }

    private static ConfigMap ParseYaml(string path, string text)
    {
        var stream = new YamlStream();
        try
        {
            RefuseDepth(path, text);
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw Syntax(path, (int)e.Start.Line, "is not YAML: " + FirstSentence(e.Message));
        }
        catch (Exception e) when (e is not (ConfigurationException or OutOfMemoryException))
        {
            // Of some texts the scanner says nothing better than a broken invariant of its own.
            throw new ConfigurationException($"{path}: is not YAML");
        }

        if (stream.Documents.Count > 1)
        {
            throw Syntax(path, (int)stream.Documents[1].RootNode.Start.Line, "the file must hold one document");
        }

        int count = 0;
        ConfigNode root = stream.Documents.Count == 0
            ? new ConfigMap([], 1)
            : ReadYaml(path, stream.Documents[0].RootNode, 0, ref count);
        return root switch
        {
            ConfigMap map => map,
            ConfigScalar { IsNull: true } => new ConfigMap([], 1),
            _ => throw Syntax(path, root.Line, "the file must hold a mapping of keys to values"),
        };
    }

    /// <summary>The tree is built by recursion, so its depth is looked at before.</summary>
    private static void RefuseDepth(string path, string text)
    {
        // The stream and the document each count for one.
        var parser = new Parser(new StringReader(text));
        for (int depth = -2; parser.MoveNext();)
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > MaxDepth)
            {
                throw Syntax(path, (int)parser.Current.Start.Line, $"is nested more than {MaxDepth} deep");
            }
        }
    }

    private static ConfigNode ReadYaml(string path, YamlNode node, int depth, ref int count)
    {
        int line = (int)node.Start.Line;
        if (depth > MaxDepth)
        {
            throw Syntax(path, line, $"is nested more than {MaxDepth} deep");
        }

        if (++count > MaxNodes)
        {
            throw Syntax(path, line, $"there are more than {MaxNodes} values");
        }

        switch (node)
        {
            case YamlMappingNode mapping:
                var entries = new List<ConfigEntry>();
                foreach ((YamlNode key, YamlNode value) in mapping.Children)
                {
                    string name = key is YamlScalarNode { Value: { } scalar }
                        ? scalar
                        : throw Syntax(path, (int)key.Start.Line, "a key must be plain text");
                    entries.Add(new ConfigEntry(name, ReadYaml(path, value, depth + 1, ref count), (int)key.Start.Line));
                }

                RefuseDuplicates(path, entries, StringComparer.Ordinal);
                return new ConfigMap(entries, line);
            case YamlSequenceNode sequence:
                var items = new List<ConfigNode>();
                foreach (YamlNode item in sequence.Children)
                {
                    items.Add(ReadYaml(path, item, depth + 1, ref count));
                }

                return new ConfigList(items, line);
            case YamlScalarNode scalar:
                bool isText = scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any);
                return new ConfigScalar(scalar.Value ?? "", isText, line);
            default:
                throw Syntax(path, line, "has a node that is no mapping, sequence or scalar");
        }
    }

    private static void RefuseDuplicates(string path, List<ConfigEntry> entries, StringComparer comparer)
    {
        var seen = new Dictionary<string, int>(comparer);
        foreach (ConfigEntry entry in entries)
        {
            if (!seen.TryAdd(entry.Key, entry.Line))
            {
                throw Syntax(path, entry.Line, $"key \"{entry.Key}\" stands twice, first on line {seen[entry.Key]}");
            }
        }
    }

    private static ConfigurationException Syntax(string path, int line, string message) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{path}:{line}: {message}"));

    /// <summary>
    /// Parsers append positions and paths to their messages; the line number that we give says it already.
    /// </summary>
    private static string FirstSentence(string message)
    {
        string line = message.ReplaceLineEndings("\n").Split('\n')[0];
        int tail = line.IndexOf(" LineNumber:", StringComparison.Ordinal);
        line = tail < 0 ? line : line[..tail];
        int mark = line.IndexOf("): ", StringComparison.Ordinal);
        return (line.StartsWith('(') && mark >= 0 ? line[(mark + 3)..] : line).Trim();
    }

    /// <summary>Line numbers of ascending positions.</summary>
    private sealed class LineCounter(byte[] bytes)
    {
        private int _line = 1;
        private int _position;

        public int At(long position)
        {
            for (; _position < position; _position++)
            {
                if (bytes[_position] == (byte)'\n')
                {
                    _line++;
                }
            }

            return _line;
        }
    }
}
