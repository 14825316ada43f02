using System.Text;
using Pmq.Core.Text;
using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Networks;

/// <summary>A key of the networks file.</summary>
/// <param name="Parent">The path of the mapping that has it; empty at the top. <c>[]</c> is any element.</param>
/// <param name="Name">The key.</param>
/// <param name="Type">What its value is, with the range.</param>
/// <param name="Default">What holds when it is absent.</param>
/// <param name="Text">What it does.</param>
internal sealed record NetworksKey(string Parent, string Name, string Type, string Default, string Text)
{
    /// <summary>The mapping of a network.</summary>
    public const string Network = "networks[]";

    /// <summary>The mapping of an epoch.</summary>
    public const string Epoch = "networks[].epochs[]";

    /// <summary>The mapping of thresholds.</summary>
    public const string Window = "networks[].window";

    private const string Required = "required";

    /// <summary>The schemes by their names.</summary>
    public static IReadOnlyList<(string Name, ReportScheme Value)> Schemes { get; } =
    [
        ("ocr2", ReportScheme.Ocr2),
        ("ocr3", ReportScheme.Ocr3),
        ("ocr3-contract", ReportScheme.Ocr3Contract),
        ("ed25519", ReportScheme.Ed25519),
        ("p256", ReportScheme.EcdsaP256),
    ];

    /// <summary>The quorum policies by their names.</summary>
    public static IReadOnlyList<(string Name, QuorumPolicy Value)> Quorums { get; } =
    [
        ("f+1", QuorumPolicy.OneHonest),
        ("byzantine", QuorumPolicy.Byzantine),
        ("n-f", QuorumPolicy.AllHonest),
    ];

    /// <summary>All keys.</summary>
    public static IReadOnlyList<NetworksKey> All { get; } =
    [
        new("", "networks", $"a list of 1 to {Keyring.MaxNetworks}", Required, "the networks whose reports are wanted"),
        new(Network, "id", $"text of 1 to {Keyring.MaxIdBytes} bytes", Required,
            "its name, which no other network has; `ed25519` and `p256` sign it"),
        new(Network, "overlays", $"a list of 1 to {Keyring.MaxOverlays} topics, each of 1 to "
            + $"{KeyringRules.MaxOverlayBytes} bytes", Required,
            "the overlays that carry its reports, and those of no other network; on another network's they are rejected"),
        new(Network, "epochs", $"a list of 1 to {Keyring.MaxEpochs}", Required,
            "its configurations that are in force; more than one while they change"),
        new(Epoch, "digest", "32 bytes as 64 hexadecimal digits", Required,
            "the configuration's digest, which no other epoch of any network has (OCR: configDigest)"),
        new(Epoch, "scheme", OneOf(Schemes), Required, "how its members sign"),
        new(Epoch, "signers", $"a list of 1 to {SignerSet.MaxSigners}: addresses of 20 bytes for the OCR schemes, keys of 32 "
            + "bytes for `ed25519`, compressed keys of 33 bytes for `p256`; hexadecimal", Required,
            "the members, in the order of their indexes"),
        new(Epoch, "f", "a whole number from 0; n > 3f", "(n − 1) / 3, rounded down", "how many of n may be faulty"),
        new(Epoch, "quorum", OneOf(Quorums), "`f+1`", "how many signatures a report has: exactly f + 1, "
            + "⌊(n + f) / 2⌋ + 1 or n − f"),
        new(Network, "window", "a mapping", "all defaults", "what is too old and too new; see thresholds.md"),
        .. WindowKey.All.Select(key => new NetworksKey(Window, key.Name, key.Range, DefaultOf(key), key.Text)),
    ];

    /// <summary>The keys of a mapping.</summary>
    public static IEnumerable<string> Of(string parent) => All.Where(key => key.Parent == parent).Select(key => key.Name);

    /// <summary>The table of docs/networks.md.</summary>
    public static string Table()
    {
        var table = new StringBuilder("| key | value | default | what it does |\n|---|---|---|---|\n");
        foreach (NetworksKey key in All)
        {
            string path = key.Parent.Length == 0 ? key.Name : $"{key.Parent}.{key.Name}";
            table.Append($"| `{path}` | {key.Type} | {key.Default} | {key.Text} |\n");
        }

        return table.ToString();
    }

    private static string OneOf<T>(IReadOnlyList<(string Name, T Value)> names) =>
        "one of " + string.Join(", ", names.Select(name => $"`{name.Name}`"));

    private static string DefaultOf(WindowKey key) => key.Show(key.Get(new WindowOptions())) + key.Name switch
    {
        "skip" => ", or `validity` or `maxRemembered` where one is less",
        "validity" => ", or `skip` where that is more",
        _ => "",
    };
}
