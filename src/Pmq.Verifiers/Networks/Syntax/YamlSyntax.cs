using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pmq.Verifiers.Networks.Syntax;

/// <summary>
/// Reads YAML from the parser's events rather than from its tree, which is built by recursion without a bound and
/// follows aliases.
/// </summary>
internal sealed class YamlSyntax
{
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private int _count;

    private YamlSyntax(string text)
    {
        _scanner = new Scanner(new StringReader(text), skipComments: true);
        _parser = new Parser(_scanner);
    }

    private ParsingEvent Current => _parser.Current!;

    private int Line => (int)Current.Start.Line;

    /// <summary>Reads one document; an empty one is an empty mapping.</summary>
    /// <exception cref="SyntaxException">It is not YAML, or beyond the bounds.</exception>
    public static FileNode Read(string text)
    {
        var syntax = new YamlSyntax(text);
        try
        {
            return syntax.ReadDocument();
        }
        catch (YamlException e)
        {
            throw new SyntaxException(
                Math.Max(1, (int)e.Start.Line), "is not YAML: " + FileSyntax.FirstSentence(e.Message));
        }
        catch (Exception e) when (e is not (SyntaxException or OutOfMemoryException))
        {
            // Of some texts the scanner says nothing better than a broken invariant of its own.
            throw new SyntaxException((int)syntax._scanner.CurrentPosition.Line, "is not YAML");
        }
    }

    private FileNode ReadDocument()
    {
        _parser.MoveNext();
        _parser.MoveNext();
        if (Current is StreamEnd)
        {
            return new FileMap([], 1);
        }

        _parser.MoveNext();
        FileNode root = ReadNode(1);
        _parser.MoveNext();
        return Current is StreamEnd ? root : throw new SyntaxException(Line, "a second document begins; one is read");
    }

    /// <summary>Reads the node that begins at the current event, and moves past it.</summary>
    private FileNode ReadNode(int depth)
    {
        if (++_count > FileSyntax.MaxNodes)
        {
            throw new SyntaxException(Line, $"there are more than {FileSyntax.MaxNodes} values");
        }

        if (depth > FileSyntax.MaxDepth)
        {
            throw new SyntaxException(Line, $"is nested more than {FileSyntax.MaxDepth} deep");
        }

        Refuse();
        int line = Line;
        switch (Current)
        {
            case Scalar scalar:
                bool isQuoted = scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any);
                _parser.MoveNext();
                return new FileScalar(scalar.Value, isQuoted, line);
            case SequenceStart:
                var items = new List<FileNode>();
                _parser.MoveNext();
                while (Current is not SequenceEnd)
                {
                    items.Add(ReadNode(depth + 1));
                }

                _parser.MoveNext();
                return new FileList(items, line);
            case MappingStart:
                var entries = new List<FileEntry>();
                _parser.MoveNext();
                while (Current is not MappingEnd)
                {
                    entries.Add(ReadEntry(depth));
                }

                _parser.MoveNext();
                return new FileMap(entries, line);
            default:
                throw new SyntaxException(line, "is not YAML: a value is missing");
        }
    }

    private FileEntry ReadEntry(int depth)
    {
        int line = Line;
        Refuse();
        string key = Current is Scalar scalar
            ? scalar.Value
            : throw new SyntaxException(line, "a key must be plain text");
        _parser.MoveNext();
        return new FileEntry(key, ReadNode(depth + 1), line);
    }

    private void Refuse()
    {
        string? what = Current switch
        {
            AnchorAlias alias => $"the alias *{KeyText.Shorten(alias.Value.Value)}",
            NodeEvent { Anchor: { IsEmpty: false } anchor } => $"the anchor &{KeyText.Shorten(anchor.Value)}",
            NodeEvent { Tag: { IsEmpty: false } tag } => $"the tag {KeyText.Shorten(tag.ToString())}",
            _ => null,
        };
        if (what is not null)
        {
            throw new SyntaxException(Line, what + " is not read; write the value itself");
        }
    }
}
