using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Pmq.Core.Addresses;
using Pmq.Core.Text;
using Pmq.Engine.Tracing;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Agent.Configuration;

/// <summary>The types of the settings.</summary>
internal static class SettingTypes
{
    private static readonly int MaxTopicLength = new RpcLimits().MaxTopicLength;

    /// <summary>true or false.</summary>
    public static SettingType<bool> Boolean { get; } = new("true or false", ReadBoolean, Lower, value => value);

    /// <summary>Any text, at most 1024 bytes: names and paths.</summary>
    public static SettingType<string> Text { get; } =
        new("text", ReadText, value => value, value => value, ZeroIsAbsent: true);

    /// <summary>The path of a file.</summary>
    public static SettingType<string> File { get; } = Text with { Name = "a file" };

    /// <summary>Multiaddrs.</summary>
    public static SettingType<IReadOnlyList<Multiaddr>> Multiaddrs { get; } = List<Multiaddr>(
        "list of multiaddrs", "a list of multiaddrs", ReadMultiaddr, address => address.ToString());

    /// <summary>Multiaddrs that end in /p2p/… .</summary>
    public static SettingType<IReadOnlyList<Multiaddr>> PeerMultiaddrs { get; } = List<Multiaddr>(
        "list of multiaddrs with /p2p", "a list of multiaddrs", ReadPeerMultiaddr, address => address.ToString());

    /// <summary>Names of topics.</summary>
    public static SettingType<IReadOnlyList<string>> Topics { get; } =
        List<string>("list of topics", "a list of topics", ReadTopic, topic => topic);

    /// <summary>One topic.</summary>
    public static SettingType<string> Topic { get; } = new("text", ReadTopic, value => value, value => value);

    /// <summary>Free texts.</summary>
    public static SettingType<IReadOnlyList<string>> Texts { get; } =
        List<string>("list of texts", "a list of texts", ReadText, text => text);

    /// <summary>Networks, as 10.0.0.0/8.</summary>
    public static SettingType<IReadOnlyList<IPNetwork>> Networks { get; } = List<IPNetwork>(
        "list of networks", "a list of networks as 10.0.0.0/8", ReadNetwork, network => network.ToString());

    /// <summary>Kinds of events, by their names in the trace schema.</summary>
    public static SettingType<IReadOnlyList<TraceKind>> TraceKinds { get; } = List<TraceKind>(
        "list of events", "a list of events as [RECV_RPC, SEND_RPC]", ReadTraceKind, kind => TraceText.NameOf(kind)!);

    /// <summary>Anything at all: kept only to say that it is not supported.</summary>
    public static SettingType<string> Anything { get; } =
        new("bytes", ReadAnything, value => value, value => value, ZeroIsAbsent: true);

    /// <summary>A regular expression, matched without backtracking so that no topic name can make it slow.</summary>
    public static SettingType<Regex> Pattern { get; } = new(
        "regular expression", ReadPattern, value => value.ToString(), value => value.ToString(), ZeroIsAbsent: true);

    /// <summary>
    /// HOST:PORT, or unix:PATH where <paramref name="allowUnix"/>, or "off" where <paramref name="allowOff"/>.
    /// </summary>
    public static SettingType<BindAddress> Bind(bool allowUnix, bool allowOff)
    {
        string what = (allowUnix, allowOff) switch
        {
            (true, _) => "HOST:PORT or unix:PATH",
            (_, true) => "HOST:PORT or off",
            _ => "HOST:PORT",
        };
        return new(
            what,
            (ConfigNode node, out BindAddress value) =>
            {
                value = BindAddress.Off;
                bool isRight = Scalar(node) is { } text && BindAddress.TryParse(text, out value)
                    && (allowUnix || value.UnixPath is null) && (allowOff || !value.IsOff);
                string path = allowUnix ? ", a path of at most 107 bytes" : "";
                return isRight
                    ? null
                    : $"{what}, the host an IP address or localhost, the port from 0 to 65535{path}";
            },
            value => value.ToString(),
            value => value.ToString());
    }

    /// <summary>An integer in a range; 0 means absent when the range begins above it.</summary>
    public static SettingType<int> Integer(int min, int max) => new(
        string.Create(CultureInfo.InvariantCulture, $"integer {min}–{max}"),
        (ConfigNode node, out int value) =>
        {
            value = 0;
            bool isRight = Unquoted(node) is { } text
                && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
                && ((value >= min && value <= max) || (value == 0 && min > 0));
            return isRight ? null : string.Create(CultureInfo.InvariantCulture, $"an integer from {min} to {max}");
        },
        value => value.ToString(CultureInfo.InvariantCulture),
        value => (long)value,
        ZeroIsAbsent: min > 0);

    /// <summary>A finite number in a range.</summary>
    public static SettingType<double> Number(double min, double max, string range) => new(
        "number " + range,
        (ConfigNode node, out double value) =>
        {
            value = 0;
            bool isRight = Unquoted(node) is { } text
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
                && double.IsFinite(value) && value >= min && value <= max;
            return isRight ? null : "a number " + range;
        },
        value => value.ToString(CultureInfo.InvariantCulture),
        value => value);

    /// <summary>A duration in a range; 0 means absent.</summary>
    public static SettingType<TimeSpan> Duration(TimeSpan min, TimeSpan max) => new(
        $"duration {GoDuration.Format(min)}–{GoDuration.Format(max)}",
        (ConfigNode node, out TimeSpan value) =>
        {
            value = default;
            bool isRight = Scalar(node) is { } text && GoDuration.TryParse(text, out value)
                && ((value >= min && value <= max) || value == TimeSpan.Zero);
            return isRight
                ? null
                : $"a duration from {GoDuration.Format(min)} to {GoDuration.Format(max)}, as 1m30s or in nanoseconds";
        },
        GoDuration.Format,
        value => GoDuration.Format(value),
        ZeroIsAbsent: true);

    /// <summary>One of a few words, in any case where the Go agent has it so.</summary>
    public static SettingType<string> OneOf(params string[] words) => OneOf(StringComparer.Ordinal, words);

    /// <inheritdoc cref="OneOf(string[])"/>
    public static SettingType<string> OneOf(StringComparer comparer, params string[] words) => new(
        string.Join(", ", words),
        (ConfigNode node, out string value) =>
        {
            string text = Scalar(node) ?? "";
            value = words.FirstOrDefault(word => comparer.Equals(word, text)) ?? "";
            return value.Length > 0 || text.Length == 0 ? null : "one of " + string.Join(", ", words);
        },
        value => value,
        value => value,
        ZeroIsAbsent: true);

    private static SettingType<IReadOnlyList<T>> List<T>(
        string name, string what, SettingReader<T> item, Func<T, string> text) => new(
        name,
        (ConfigNode node, out IReadOnlyList<T> value) =>
        {
            value = [];
            if (node is not ConfigList list)
            {
                return what;
            }

            var values = new List<T>();
            foreach (ConfigNode part in list.Items)
            {
                if (item(part, out T read) is { } error)
                {
                    return list.Items.Count == 1 ? error : $"{error}, and {Display(part)} is not";
                }

                values.Add(read);
            }

            value = values;
            return null;
        },
        values => "[" + string.Join(", ", values.Select(text)) + "]",
        values => values.Select(text).ToList());

    /// <summary>The node as an error line shows it.</summary>
    public static string Display(ConfigNode node)
    {
        string text = node switch
        {
            ConfigScalar scalar => scalar.Text,
            ConfigList list => "[" + string.Join(", ", list.Items.Take(4).Select(Display)) + "]",
            _ => "{…}",
        };
        text = text.ReplaceLineEndings(" ");
        return text.Length <= 100 ? text : text[..100] + "…";
    }

    private static string? Scalar(ConfigNode node) => node is ConfigScalar scalar ? scalar.Text : null;

    private static string? Unquoted(ConfigNode node) =>
        node is ConfigScalar { IsText: false } scalar ? scalar.Text : null;

    private static string Lower(bool value) => value ? "true" : "false";

    private static string? ReadBoolean(ConfigNode node, out bool value)
    {
        string? text = Unquoted(node);
        value = text is "true" or "True" or "TRUE";
        return value || text is "false" or "False" or "FALSE" ? null : "true or false";
    }

    private static string? ReadText(ConfigNode node, out string value)
    {
        value = Scalar(node) ?? "";
        return node is ConfigScalar && Encoding.UTF8.GetByteCount(value) <= 1024 && !value.Any(char.IsControl)
            ? null
            : "text of at most 1024 bytes without control characters";
    }

    private static string? ReadNetwork(ConfigNode node, out IPNetwork value) =>
        IPNetwork.TryParse(Scalar(node) ?? "", out value) ? null : "a network as 10.0.0.0/8 or fd00::/8";

    private static string? ReadTraceKind(ConfigNode node, out TraceKind value) =>
        TraceText.TryParse(Scalar(node) ?? "", out value)
            ? null
            : "one of " + string.Join(", ", Enum.GetValues<TraceKind>().Select(TraceText.NameOf));

    private static string? ReadTopic(ConfigNode node, out string value)
    {
        value = Scalar(node) ?? "";
        return value.Length > 0 && Encoding.UTF8.GetByteCount(value) <= MaxTopicLength
            ? null
            : $"a topic of 1 to {MaxTopicLength} bytes";
    }

    private static string? ReadAnything(ConfigNode node, out string value)
    {
        value = Display(node);
        return null;
    }

    private static string? ReadMultiaddr(ConfigNode node, out Multiaddr value)
    {
        string? error = null;
        if (Scalar(node) is { } text && Multiaddr.TryParse(text, out Multiaddr? address, out error))
        {
            value = address!;
            return null;
        }

        value = null!;
        return "a multiaddr as /ip4/127.0.0.1/tcp/4001" + (error is null ? "" : $" ({error})");
    }

    private static string? ReadPeerMultiaddr(ConfigNode node, out Multiaddr value) =>
        ReadMultiaddr(node, out value) is null && value.Peer is not null
            ? null
            : "a multiaddr as /ip4/192.0.2.1/tcp/4001/p2p/12D3Koo…";

    private static string? ReadPattern(ConfigNode node, out Regex value)
    {
        value = null!;
        try
        {
            value = new Regex(
                Scalar(node) ?? throw new ArgumentException("not text"),
                RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return "a regular expression without backreferences and lookaround";
        }
    }
}
