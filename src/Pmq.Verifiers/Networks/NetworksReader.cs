using System.Buffers;
using System.Globalization;
using Pmq.Core.Cryptography;
using Pmq.Core.Text;
using Pmq.Verifiers.Networks.Syntax;
using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Networks;

/// <summary>Reads the content of a networks file. The first mistake ends it.</summary>
internal sealed class NetworksReader
{
    // Where an address belongs, a secret may stand by mistake: 0x and eight bytes tell which line is meant.
    private const int HexadecimalShown = 18;

    private readonly string _file;
    private readonly Dictionary<string, int> _lines = [];

    private NetworksReader(string file) => _file = file;

    /// <summary>Reads the content; <paramref name="file"/> is what mistakes are said to be in.</summary>
    /// <exception cref="NetworksFileException">It holds a mistake; one line.</exception>
    public static Keyring Read(string file, ReadOnlyMemory<byte> content)
    {
        var reader = new NetworksReader(file);
        FileNode root;
        try
        {
            root = FileSyntax.Read(content);
        }
        catch (SyntaxException e)
        {
            throw reader.Mistake(e.Line, e.Message);
        }

        return reader.ReadKeyring(root);
    }

    private Keyring ReadKeyring(FileNode root)
    {
        Dictionary<string, FileNode> top = Map(root, "", "");
        IReadOnlyList<FileNode> nodes = List(Required(top, root, "", "networks"), "networks", Keyring.MaxNetworks);
        var networks = new List<Network>(nodes.Count);
        for (int i = 0; i < nodes.Count; i++)
        {
            networks.Add(ReadNetwork(nodes[i], $"networks[{i}]"));
        }

        if (networks.Count == 0)
        {
            throw Mistake(LineOf("networks"), "networks: must hold at least one network");
        }

        if (KeyringRules.FirstFault(networks) is { } fault)
        {
            throw Mistake(LineOf(fault.Path), fault.ToString());
        }

        return new Keyring(networks);
    }

    private Network ReadNetwork(FileNode node, string path)
    {
        Dictionary<string, FileNode> map = Map(node, path, NetworksKey.Network);
        string id = Text(Required(map, node, path, "id"), path + ".id");
        if (KeyringRules.NameFault(id, Keyring.MaxIdBytes) is { } fault)
        {
            throw Wrong(map["id"], path + ".id", fault);
        }

        IReadOnlyList<FileNode> overlays = List(
            Required(map, node, path, "overlays"), path + ".overlays", Keyring.MaxOverlays);
        IReadOnlyList<FileNode> epochs = List(Required(map, node, path, "epochs"), path + ".epochs", Keyring.MaxEpochs);
        return new Network(
            id,
            [.. overlays.Select((overlay, i) => Text(overlay, $"{path}.overlays[{i}]"))],
            [.. epochs.Select((epoch, i) => ReadEpoch(id, epoch, $"{path}.epochs[{i}]"))])
        {
            Window = map.TryGetValue("window", out FileNode? window)
                ? ReadWindow(window, path + ".window")
                : new WindowOptions(),
        };
    }

    private WindowOptions ReadWindow(FileNode node, string path)
    {
        var window = new WindowOptions();
        Dictionary<string, FileNode> map = Map(node, path, NetworksKey.Window);
        foreach ((string name, FileNode value) in map)
        {
            WindowKey key = WindowKey.Find(name)!;
            window = key.With(window, Threshold(key, value, $"{path}.{name}"));
        }

        // A relation is checked on what the file sets; what is unset follows.
        if (!map.ContainsKey("skip"))
        {
            long most = map.ContainsKey("validity") ? window.ValidityThreshold : long.MaxValue;
            window = window with { SkipThreshold = Math.Min(window.SkipThreshold, Math.Min(most, window.MaxRemembered)) };
        }

        return map.ContainsKey("validity")
            ? window
            : window with { ValidityThreshold = Math.Max(window.ValidityThreshold, window.SkipThreshold) };
    }

    private long Threshold(WindowKey key, FileNode node, string path)
    {
        bool isRead = key.IsDuration ? TryReadDuration(node, out long value) : TryReadNumber(node, out value);
        return isRead && value >= key.Least && value <= key.Most
            ? value
            : throw Wrong(node, path, "must be " + key.Range + (key.IsDuration ? ", as 30s or 250ms" : ""));
    }

    private NetworkEpoch ReadEpoch(string networkId, FileNode node, string path)
    {
        Dictionary<string, FileNode> map = Map(node, path, NetworksKey.Epoch);
        FileNode digest = Required(map, node, path, "digest");
        byte[] bytes = Hexadecimal(
            digest, path + ".digest", ConfigDigest.Length, "a digest of 32 bytes as 64 hexadecimal digits");
        ReportScheme scheme = OneOf(Required(map, node, path, "scheme"), path + ".scheme", NetworksKey.Schemes);
        FileNode signerNode = Required(map, node, path, "signers");
        IReadOnlyList<FileNode> nodes = List(signerNode, path + ".signers", SignerSet.MaxSigners);
        if (nodes.Count == 0)
        {
            throw Mistake(signerNode.Line, $"{path}.signers: must hold at least one signer");
        }

        ReadOnlyMemory<byte>[] signers = ReadSigners(nodes, path + ".signers", scheme);
        int faulty = map.TryGetValue("f", out FileNode? f)
            ? MaxFaulty(f, path + ".f", signers.Length)
            : (signers.Length - 1) / 3;
        QuorumPolicy policy = map.TryGetValue("quorum", out FileNode? quorum)
            ? OneOf(quorum, path + ".quorum", NetworksKey.Quorums)
            : QuorumPolicy.OneHonest;
        return new NetworkEpoch(
            new ConfigDigest(bytes), new SignerSet(networkId, scheme, signers, faulty, policy));
    }

    private ReadOnlyMemory<byte>[] ReadSigners(IReadOnlyList<FileNode> nodes, string path, ReportScheme scheme)
    {
        (int length, string what) = scheme switch
        {
            ReportScheme.Ed25519 => (32, "an Ed25519 key of 32 bytes as 64 hexadecimal digits"),
            ReportScheme.EcdsaP256 => (33, "a compressed P-256 key of 33 bytes as 66 hexadecimal digits"),
            _ => (20, "an address of 20 bytes as 40 hexadecimal digits"),
        };
        var signers = new ReadOnlyMemory<byte>[nodes.Count];
        var seen = new Dictionary<string, int>();
        for (int i = 0; i < nodes.Count; i++)
        {
            byte[] signer = Hexadecimal(nodes[i], $"{path}[{i}]", length, what);
            if (!seen.TryAdd(Convert.ToHexStringLower(signer), i))
            {
                throw Wrong(
                    nodes[i], $"{path}[{i}]", $"is the same signer as {path}[{seen[Convert.ToHexStringLower(signer)]}]");
            }

            if (PinnedSigner.TryCreate(scheme, signer, Secp256k1Provider.Default, out string right) is null)
            {
                throw Wrong(nodes[i], $"{path}[{i}]", "must be " + right);
            }

            signers[i] = signer;
        }

        return signers;
    }

    private int MaxFaulty(FileNode node, string path, int signers)
    {
        int most = (signers - 1) / 3;
        return TryReadNumber(node, out long f) && f >= 0 && f <= most
            ? (int)f
            : throw Wrong(
                node, path, $"must be a whole number of 0 to {most}: of {signers} signers fewer than a third may be faulty");
    }

    private Dictionary<string, FileNode> Map(FileNode node, string path, string schema)
    {
        if (node is not FileMap map)
        {
            string expected = $"must be a mapping with {string.Join(", ", NetworksKey.Of(schema).Take(5))}";
            throw path.Length == 0 ? Mistake(node.Line, "the file " + expected) : Wrong(node, path, expected);
        }

        string prefix = path.Length == 0 ? "" : path + ".";
        var lines = new Dictionary<string, int>();
        var values = new Dictionary<string, FileNode>();
        foreach (FileEntry entry in map.Entries)
        {
            string[] known = [.. NetworksKey.Of(schema)];
            if (!known.Contains(entry.Key))
            {
                string hint = Spelling.Nearest(entry.Key, known) is { } near
                    ? $"did you mean {prefix}{near}?"
                    : $"it is one of {string.Join(", ", known)}";
                throw Mistake(entry.Line, $"unknown key {prefix}{KeyText.Shorten(entry.Key)}; {hint}");
            }

            if (!lines.TryAdd(entry.Key, entry.Line))
            {
                throw Mistake(entry.Line, $"{prefix}{entry.Key}: stands twice, first on line {lines[entry.Key]}");
            }

            _lines[prefix + entry.Key] = entry.Line;
            if (entry.Value is not FileScalar { IsNull: true })
            {
                values.Add(entry.Key, entry.Value);
            }
        }

        return values;
    }

    private FileNode Required(
        Dictionary<string, FileNode> map, FileNode node, string path, string name)
    {
        string full = path.Length == 0 ? name : $"{path}.{name}";
        if (map.TryGetValue(name, out FileNode? value))
        {
            return value;
        }

        throw _lines.TryGetValue(full, out int line)
            ? Mistake(line, $"{full}: has no value")
            : Mistake(node.Line, $"{full}: is missing");
    }

    private IReadOnlyList<FileNode> List(FileNode node, string path, int most)
    {
        if (node is not FileList list)
        {
            throw Wrong(node, path, $"must be a list of 1 to {most}");
        }

        if (list.Items.Count > most)
        {
            throw Mistake(node.Line, $"{path}: there are {list.Items.Count}, more than the {most} allowed");
        }

        for (int i = 0; i < list.Items.Count; i++)
        {
            _lines[$"{path}[{i}]"] = list.Items[i].Line;
        }

        return list.Items;
    }

    private string Text(FileNode node, string path) => node is FileScalar { IsNull: false } scalar
        ? scalar.Text
        : throw Wrong(node, path, "must be text");

    private byte[] Hexadecimal(FileNode node, string path, int length, string what)
    {
        string text = Text(node, path);
        ReadOnlySpan<char> digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        byte[] bytes = new byte[length];
        return digits.Length == 2 * length
            && Convert.FromHexString(digits, bytes, out _, out _) == OperationStatus.Done
                ? bytes
                : throw Wrong(node, path, "must be " + what, HexadecimalShown);
    }

    private T OneOf<T>(FileNode node, string path, IReadOnlyList<(string Name, T Value)> names)
    {
        string text = Text(node, path);
        foreach ((string name, T value) in names)
        {
            if (name == text)
            {
                return value;
            }
        }

        string list = string.Join(", ", names.Take(names.Count - 1).Select(name => name.Name));
        throw Wrong(node, path, $"must be {list} or {names[^1].Name}");
    }

    private static bool TryReadNumber(FileNode node, out long value)
    {
        value = 0;
        return node is FileScalar { IsQuoted: false } scalar
            && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Ticks. A bare number is nanoseconds; one that is cut off to nothing was meant as something else.</summary>
    private static bool TryReadDuration(FileNode node, out long ticks)
    {
        ticks = 0;
        if (node is not FileScalar { IsNull: false } scalar || !GoDuration.TryParse(scalar.Text, out TimeSpan duration))
        {
            return false;
        }

        ticks = duration.Ticks;
        return ticks != 0 || scalar.Text.AsSpan().IndexOfAnyInRange('1', '9') < 0;
    }

    private int LineOf(string path)
    {
        while (path.Length > 0)
        {
            if (_lines.TryGetValue(path, out int line))
            {
                return line;
            }

            path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
        }

        return 1;
    }

    private NetworksFileException Wrong(FileNode node, string path, string message, int shown = 48)
    {
        string value = node switch
        {
            FileScalar { IsNull: true } => "null",
            FileScalar scalar => KeyText.Shorten(scalar.Text, shown),
            FileList => "a list",
            _ => "a mapping",
        };
        return Mistake(node.Line, $"{path} = {value}: {message}");
    }

    private NetworksFileException Mistake(int line, string message) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{_file}:{line}: {message}"));
}
