using System.Text;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests.Networks;

/// <summary>Each mistake ends in one line: file, line, key, value and what would be right.</summary>
public sealed class NetworksReaderTests
{
    public const string Digest = "0001000000000000000000000000000000000000000000000000000000000001";

    /// <summary>A file whose lines the tests below count.</summary>
    public const string Good = $"""
        networks:
          - id: eth-usd
            overlays: [eth-usd.reports.1]
            window: {"{"} skip: 50, inStep: 1m, settle: 250ms {"}"}
            epochs:
              - digest: {Digest}
                scheme: ocr2
                f: 1
                quorum: byzantine
                signers:
                  - 0x7e5f4552091a69125d5dfcb7b8c2659029395bdf
                  - 0x2b5ad5c4795c026514f8317c7a215e218dccd6cf
                  - 6813eb9362372eef6200f3b1dbc3f819671cba69
                  - "0x1eff47bc3a10a45d4b230b5d10e37751fe6aa718"
          - id: 7
            overlays:
              - seven
            epochs:
              - digest: 0x0001000000000000000000000000000000000000000000000000000000000002
                scheme: ed25519
                signers: [d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a]
        """;

    [Fact]
    public void YAML_is_read()
    {
        Keyring keyring = Read(Good);

        Assert.Equal(["eth-usd.reports.1", "seven"], keyring.Overlays);
        Network first = keyring.Networks[0];
        Assert.Equal("eth-usd", first.Id);
        Assert.Equal(
            new WindowOptions
            {
                SkipThreshold = 50,
                InStepSpan = TimeSpan.FromMinutes(1),
                SettlingSpan = TimeSpan.FromMilliseconds(250),
            },
            first.Window);
        SignerSet signers = Assert.Single(first.Epochs).Signers;
        Assert.Equal(Digest, first.Epochs[0].Digest.ToString());
        Assert.Equal(ReportScheme.Ocr2, signers.Scheme);
        Assert.Equal((1, 3), (signers.MaxFaulty, signers.Quorum));
        Assert.Equal("6813eb9362372eef6200f3b1dbc3f819671cba69", Convert.ToHexStringLower(signers.Signers[2].Span));
        Assert.Equal("7", keyring.Networks[1].Id);
        Assert.Equal(new WindowOptions(), keyring.Networks[1].Window);
        Assert.Equal(1, keyring.Networks[1].Epochs[0].Signers.Quorum);
    }

    [Fact]
    public void JSON_is_read()
    {
        Keyring keyring = Read($$"""
            {
            	"networks": [ // tabs and comments
            		{"id": "eth-usd", "overlays": ["a"], "window": {"skip": 7, "inStep": 2000000000},
            		 "epochs": [{"digest": "{{Digest}}", "scheme": "p256",
            		  "signers": ["036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"]}]}
            	]
            }
            """);

        Network network = Assert.Single(keyring.Networks);
        Assert.Equal((7, TimeSpan.FromSeconds(2)), (network.Window.SkipThreshold, network.Window.InStepSpan));
        Assert.Equal(ReportScheme.EcdsaP256, network.Epochs[0].Signers.Scheme);
    }

    [Theory]
    [InlineData("ocr2", ReportScheme.Ocr2)]
    [InlineData("ocr3", ReportScheme.Ocr3)]
    [InlineData("ocr3-contract", ReportScheme.Ocr3Contract)]
    public void The_OCR_schemes_have_names(string name, ReportScheme scheme) =>
        Assert.Equal(scheme, Read(With("scheme: ocr2", "scheme: " + name)).Networks[0].Epochs[0].Signers.Scheme);

    [Theory]
    [InlineData("f+1", 2)]
    [InlineData("byzantine", 3)]
    [InlineData("n-f", 3)]
    public void The_quorums_have_names(string name, int quorum) => Assert.Equal(
        quorum, Read(With("quorum: byzantine", "quorum: " + name)).Networks[0].Epochs[0].Signers.Quorum);

    [Theory]
    [InlineData("skip: 5000", 5000, 5000)]
    [InlineData("validity: 20", 20, 20)]
    [InlineData("maxRemembered: 30", 30, 1000)]
    [InlineData("validity: 5000", 100, 5000)]
    public void What_is_unset_follows(string window, long skip, long validity)
    {
        WindowOptions read = Read(With("skip: 50", window)).Networks[0].Window;

        Assert.Equal((skip, validity), (read.SkipThreshold, read.ValidityThreshold));
    }

    [Theory]
    [InlineData("f: 1", "f:")]
    [InlineData("quorum: byzantine", "quorum: ~")]
    [InlineData("    window: { skip: 50, inStep: 1m, settle: 250ms }", "    window: null")]
    public void Null_is_absent(string old, string replacement) =>
        Assert.Equal("eth-usd", Read(With(old, replacement)).Networks[0].Id);

    // The first mistake of the file, with its line.
    [Theory]
    [InlineData("7e5f4552091a69125d5dfcb7b8c2659029395bdf", "12",
        "11: networks[0].epochs[0].signers[0] = 0x12: must be an address of 20 bytes as 40 hexadecimal digits")]
    [InlineData("6813eb9362372eef6200f3b1dbc3f819671cba69", "12345",
        "13: networks[0].epochs[0].signers[2] = 12345: must be an address of 20 bytes as 40 hexadecimal digits")]
    [InlineData("6813eb9362372eef6200f3b1dbc3f819671cba69", "[a]",
        "13: networks[0].epochs[0].signers[2] = a list: must be text")]
    [InlineData("6813eb9362372eef6200f3b1dbc3f819671cba69", "0x7E5F4552091a69125d5dfcb7b8c2659029395bdf",
        "13: networks[0].epochs[0].signers[2] = 0x7E5F4552091a69125d5dfcb7b8c2659029395bdf: is the same signer as "
            + "networks[0].epochs[0].signers[0]")]
    [InlineData("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "21: networks[1].epochs[0].signers[0] = 000000000000000000000000000000000000000000000000\u2026: must be a canonical "
            + "Ed25519 key of 32 bytes, not of small order")]
    [InlineData(Digest, "00010203",
        "6: networks[0].epochs[0].digest = 00010203: must be a digest of 32 bytes as 64 hexadecimal digits")]
    [InlineData("0x0001000000000000000000000000000000000000000000000000000000000002", Digest,
        "19: networks[1].epochs[0].digest = 000100000000000000000000000000000000000000000000\u2026: stands twice: in network "
            + "eth-usd (networks[0].epochs[0].digest) and in network 7; a digest names one epoch")]
    [InlineData("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf", Digest,
        "11: networks[0].epochs[0].signers[0] = 000100000000000000\u2026: must be an address of 20 bytes as 40 "
            + "hexadecimal digits")]
    [InlineData("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf", "0x0000000000000000000000000000000000000000",
        "11: networks[0].epochs[0].signers[0] = 0x0000000000000000000000000000000000000000: must be an address of 20 "
            + "bytes, not zero")]
    [InlineData("scheme: ocr2", "scheme: ocr4",
        "7: networks[0].epochs[0].scheme = ocr4: must be ocr2, ocr3, ocr3-contract, ed25519 or p256")]
    [InlineData("quorum: byzantine", "quorum: 3",
        "9: networks[0].epochs[0].quorum = 3: must be f+1, byzantine or n-f")]
    [InlineData("f: 1", "f: 2",
        "8: networks[0].epochs[0].f = 2: must be a whole number of 0 to 1: of 4 signers fewer than a third may be faulty")]
    [InlineData("f: 1", "f: one",
        "8: networks[0].epochs[0].f = one: must be a whole number of 0 to 1: of 4 signers fewer than a third may be "
            + "faulty")]
    [InlineData("skip: 50", "skip: 0", "4: networks[0].window.skip = 0: must be a whole number of at least 1")]
    [InlineData("skip: 50", "skip: '5'", "4: networks[0].window.skip = 5: must be a whole number of at least 1")]
    [InlineData("skip: 50", "skip: 99999999999999999999",
        "4: networks[0].window.skip = 99999999999999999999: must be a whole number of at least 1")]
    [InlineData("skip: 50", "skip: 50, validity: 49",
        "4: networks[0].window.skip = 50: must be at most validity, which is 49")]
    [InlineData("inStep: 1m", "inStep: 30",
        "4: networks[0].window.inStep = 30: must be a duration of 1ms to 24h0m0s, as 30s or 250ms")]
    [InlineData("inStep: 1m", "inStep: 100000000000000000h",
        "4: networks[0].window.inStep = 100000000000000000h: must be a duration of 1ms to 24h0m0s, as 30s or 250ms")]
    [InlineData("settle: 250ms", "settle: 1",
        "4: networks[0].window.settle = 1: must be a duration of 0s to 1m0s, as 30s or 250ms")]
    [InlineData("settle: 250ms", "settle: [1s]",
        "4: networks[0].window.settle = a list: must be a duration of 0s to 1m0s, as 30s or 250ms")]
    [InlineData("settle: 250ms", "setle: 250ms",
        "4: unknown key networks[0].window.setle; did you mean networks[0].window.settle?")]
    [InlineData("overlays: [eth-usd.reports.1]", "topics: [a]",
        "3: unknown key networks[0].topics; it is one of id, overlays, epochs, window")]
    [InlineData("overlays: [eth-usd.reports.1]", "overlays: a",
        "3: networks[0].overlays = a: must be a list of 1 to 64")]
    [InlineData("overlays: [eth-usd.reports.1]", "overlays: []",
        "3: networks[0].overlays: must hold at least one overlay")]
    [InlineData("overlays: [eth-usd.reports.1]", "overlays: [a, seven]",
        "17: networks[1].overlays[0] = seven: is already an overlay of network eth-usd (networks[0].overlays[1]); an "
            + "overlay carries one network's reports")]
    [InlineData("id: 7", "id: eth-usd", "15: networks[1].id = eth-usd: is already the id of networks[0]; ids are unique")]
    [InlineData("id: 7", "id:", "15: networks[1].id: has no value")]
    [InlineData("id: 7", "id: \"a\\nb\"",
        "15: networks[1].id = a\ufffdb: must be text of 1 to 128 bytes without control characters")]
    [InlineData("  - id: 7\n    overlays:", "  - overlays:", "15: networks[1].id: is missing")]
    [InlineData("id: 7", "id: 7\n    id: 8", "16: networks[1].id: stands twice, first on line 15")]
    [InlineData("id: 7", "id: &seven 7", "15: the anchor &seven is not read; write the value itself")]
    [InlineData("id: 7", "id: *seven", "15: the alias *seven is not read; write the value itself")]
    [InlineData("id: 7", "id: !!str 7", "15: the tag tag:yaml.org,2002:str is not read; write the value itself")]
    [InlineData("id: 7", "[id]: 7", "15: a key must be plain text")]
    [InlineData("  - id: 7", "---\n  - id: 7", "15: a second document begins; one is read")]
    public void A_mistake_is_named_by_line_and_key(string old, string replacement, string expected) =>
        Assert.Equal("networks.yaml:" + expected, MistakeOf(With(old, replacement)));

    [Theory]
    [InlineData("", "1: networks: is missing")]
    [InlineData("# nothing\n", "1: networks: is missing")]
    [InlineData("networks:", "1: networks: has no value")]
    [InlineData("networks: []", "1: networks: must hold at least one network")]
    [InlineData("networks: 3", "1: networks = 3: must be a list of 1 to 1000")]
    [InlineData("\nnetworks:\n  - 3", "3: networks[0] = 3: must be a mapping with id, overlays, epochs, window")]
    [InlineData("hello", "1: the file must be a mapping with networks")]
    [InlineData("Networks: []", "1: unknown key Networks; did you mean networks?")]
    [InlineData("networks: [\n", "2: is not YAML: ")]
    [InlineData("{\"networks\": [\n1,]}", "2: is not JSON: ")]
    [InlineData("{\"networks\": [], \"networks\": []}", "1: networks: stands twice, first on line 1")]
    [InlineData("{} {}", "1: ")]
    [InlineData("{\"networks\": [{\"id\": \"\\ud800\"}]}", "1: is not JSON: the text is not Unicode")]
    [InlineData("networks: \t- a", "1: is not YAML: ")]
    public void A_file_that_is_none_is_named(string content, string start) =>
        Assert.StartsWith("networks.yaml:" + start, MistakeOf(content), StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_no_text_are_named_by_line() => Assert.Equal(
        "networks.yaml:2: is not UTF-8 text",
        Assert.Throws<NetworksFileException>(
            () => NetworksReader.Read("networks.yaml", new byte[] { (byte)'a', (byte)'\n', 0xFF, (byte)'\n' })).Message);

    [Fact]
    public void A_byte_order_mark_is_passed_over() =>
        Assert.Equal(2, NetworksReader.Read("f", Encoding.UTF8.GetPreamble().Concat(Bytes(Good)).ToArray()).Networks.Count);

    [Theory]
    [InlineData("[", "networks.yaml:1: is nested more than 16 deep")]
    [InlineData("- ", "networks.yaml:1: is nested more than 16 deep")]
    [InlineData("{\"a\":", "networks.yaml:1: is not JSON: ")]
    public void Depth_is_bounded(string open, string expected) => Assert.StartsWith(
        expected, MistakeOf(string.Concat(Enumerable.Repeat(open, 100_000))), StringComparison.Ordinal);

    [Fact]
    public void The_number_of_values_is_bounded()
    {
        Assert.Equal(
            "networks.yaml:1: there are more than 300000 values", MistakeOf("[" + string.Concat(Enumerable.Repeat("a,", 400_000)) + "]"));
        Assert.Equal(
            "networks.yaml:1: there are more than 300000 values",
            MistakeOf("{\"networks\":[" + string.Join(',', Enumerable.Repeat("1", 400_000)) + "]}"));
    }

    [Fact]
    public void The_counts_are_bounded()
    {
        Assert.Equal(
            "networks.yaml:1: networks: there are 1001, more than the 1000 allowed",
            MistakeOf("networks: [" + string.Join(',', Enumerable.Repeat("1", 1001)) + "]"));
        Assert.Equal(
            "networks.yaml:21: networks[1].epochs[0].signers: there are 256, more than the 255 allowed",
            MistakeOf(With(
                "[d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a]",
                "[" + string.Join(',', Enumerable.Repeat("1", 256)) + "]")));
        Assert.Equal(
            "networks.yaml:21: networks[1].epochs[0].signers: must hold at least one signer",
            MistakeOf(With("[d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a]", "[]")));
    }

    internal static string With(string old, string replacement)
    {
        Assert.Contains(old, Good, StringComparison.Ordinal);
        return Good.Replace(old, replacement, StringComparison.Ordinal);
    }

    internal static byte[] Bytes(string content) => Encoding.UTF8.GetBytes(content);

    private static Keyring Read(string content) => NetworksReader.Read("networks.yaml", Bytes(content));

    private static string MistakeOf(string content) =>
        Assert.Throws<NetworksFileException>(() => Read(content)).Message;
}
