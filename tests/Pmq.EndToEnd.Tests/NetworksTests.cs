using System.Text.Json;
using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests;

/// <summary><c>pmq verify --networks</c>: signed reports between processes.</summary>
public sealed class NetworksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SigningNetwork _eth = new("eth-usd", 1);
    private readonly SigningNetwork _btc = new("btc-usd", 2);
    private int _files;

    private string StatePath => Path.Combine(_folder.Path, "state");

    public void Dispose()
    {
        _eth.Dispose();
        _btc.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_signed_report_is_delivered_and_a_forged_one_is_not()
    {
        string networks = _folder.Write("networks.yaml", "networks:\n" + _eth.Yaml);
        await using AgentProcess alice = await AgentProcess.StartAsync("--topic", _eth.Overlay);
        await using AgentProcess bob = await AgentProcess.StartAsync("--topic", _eth.Overlay, "--peer", alice.Address);
        await using ChildProcess verifier = PmqCommand.Start(
            "verify", "--networks", networks, "--json", "--agent", bob.Grpc);
        await using ChildProcess listener = PmqCommand.Start("listen", "--json", "--agent", bob.Grpc);
        await verifier.Errors.TakeAsync(line => line == "pmq: verifying " + _eth.Overlay);
        await listener.Errors.TakeAsync(_ => true);
        await alice.MeshedAsync(_eth.Overlay, 1);

        await JudgedAsync(alice, verifier, _eth, _eth.Forged(7, "3141.58"), "reject", "badSignature", 7);
        await JudgedAsync(alice, verifier, _eth, _eth.Report(7, "3141.59", 2), "reject", "noQuorum", 7);
        byte[] good = _eth.Report(7, "3141.59", 1, 2);
        await JudgedAsync(alice, verifier, _eth, good, "accept", "accepted", 7);
        await JudgedAsync(alice, verifier, _eth, _eth.Report(7, "3141.59", 0, 3), "ignore", "seen", 7);
        byte[] other = _eth.Report(7, "9999.99", 0, 3);
        await JudgedAsync(alice, verifier, _eth, other, "ignore", "equivocation", 7);
        byte[] next = _eth.Report(8, "3141.60", 0, 1);
        await JudgedAsync(alice, verifier, _eth, next, "accept", "accepted", 8);

        await listener.Output.TakeAsync(line => DataOf(line) == Convert.ToBase64String(next));
        Assert.Equal([good, next], listener.Output.Lines.Select(line => Convert.FromBase64String(DataOf(line)!)));
        await verifier.Errors.TakeAsync(line => line.StartsWith(
            "pmq: network eth-usd signed two reports of sequence 7, digest ", StringComparison.Ordinal));
        using JsonDocument proof = JsonDocument.Parse(
            verifier.Output.Lines.Single(line => line.Contains("\"event\":\"equivocation\"", StringComparison.Ordinal)));
        Assert.Equal(good, proof.RootElement.GetProperty("first").GetBytesFromBase64());
        Assert.Equal(other, proof.RootElement.GetProperty("second").GetBytesFromBase64());
        Assert.Equal(_eth.Digest.ToString(), proof.RootElement.GetProperty("digest").GetString());
    }

    [Fact]
    public async Task A_change_with_a_mistake_is_named_and_a_good_one_takes_effect()
    {
        string good = "networks:\n" + _eth.Yaml;
        string networks = _folder.Write("networks.yaml", good);
        string[] topics = ["--topic", _eth.Overlay, _btc.Overlay];
        await using AgentProcess alice = await AgentProcess.StartAsync(topics);
        await using AgentProcess bob = await AgentProcess.StartAsync([.. topics, "--peer", alice.Address]);
        await using ChildProcess verifier = PmqCommand.Start(
            "verify", "--networks", networks, "--json", "--agent", bob.Grpc);
        await verifier.Errors.TakeAsync(line => line == "pmq: verifying " + _eth.Overlay);
        await alice.MeshedAsync(_eth.Overlay, 1);
        await alice.MeshedAsync(_btc.Overlay, 1);

        _folder.Write("networks.yaml", good.Replace("scheme: ocr2", "scheme: ocr5", StringComparison.Ordinal));
        await verifier.Errors.TakeAsync(line => line == $"pmq: {networks}:7: networks[0].epochs[0].scheme = ocr5: must be "
            + "ocr2, ocr3, ocr3-contract, ed25519 or p256; the networks before it stay in force");
        await JudgedAsync(alice, verifier, _eth, _eth.Report(1, "3141.59", 1, 2), "accept", "accepted", 1);

        _folder.Write("networks.yaml", good + _btc.Yaml);
        await verifier.Errors.TakeAsync(line => line == $"pmq: {networks}: taken: 2 networks on 2 overlays");
        await verifier.Errors.TakeAsync(line => line == $"pmq: verifying {_btc.Overlay}, {_eth.Overlay}");
        await JudgedAsync(alice, verifier, _btc, _btc.Report(1, "65535.00", 0, 1), "accept", "accepted", 1);
        await JudgedAsync(alice, verifier, _eth, _eth.Report(1, "3141.59", 0, 3), "ignore", "seen", 1);
        await JudgedAsync(alice, verifier, _eth, _eth.Report(2, "3141.59", 0, 3), "accept", "accepted", 2);
    }

    [Fact]
    public async Task A_restart_accepts_no_sequence_again()
    {
        string networks = _folder.Write("networks.yaml", "networks:\n" + _eth.Yaml);
        await using AgentProcess alice = await AgentProcess.StartAsync("--topic", _eth.Overlay);
        await using AgentProcess bob = await AgentProcess.StartAsync("--topic", _eth.Overlay, "--peer", alice.Address);
        string[] verify = ["verify", "--networks", networks, "--state", StatePath, "--json", "--agent", bob.Grpc];
        await using (ChildProcess killed = PmqCommand.Start(verify))
        {
            await killed.Errors.TakeAsync(line => line == "pmq: verifying " + _eth.Overlay);
            await alice.MeshedAsync(_eth.Overlay, 1);
            await JudgedAsync(alice, killed, _eth, _eth.Report(5, "one", 0, 1), "accept", "accepted", 5);
            killed.Kill();
            await killed.Exited;
        }

        await using ChildProcess verifier = PmqCommand.Start(verify);
        await verifier.Errors.TakeAsync(line => line == "pmq: verifying " + _eth.Overlay);

        await JudgedAsync(alice, verifier, _eth, _eth.Report(5, "one", 2, 3), "ignore", "seen", 5);
        await JudgedAsync(alice, verifier, _eth, _eth.Report(4, "older", 2, 3), "ignore", "seen", 4);
        await JudgedAsync(alice, verifier, _eth, _eth.Report(6, "two", 0, 1), "accept", "accepted", 6);
    }

    [Fact]
    public async Task More_overlays_than_the_headers_of_a_call_hold_are_all_verified()
    {
        // 64 names of 300 bytes, of which each counts threefold: more than four calls of 8 KiB.
        string[] overlays = [.. Enumerable.Range(10, 64).Select(i => $"{i}.{new string('o', 297)}")];
        string networks = _folder.Write("networks.yaml", "networks:\n" + _eth.Yaml.Replace(
            $"[{_eth.Overlay}]", $"[{string.Join(", ", overlays)}]", StringComparison.Ordinal));
        await using AgentProcess alice = await AgentProcess.StartAsync("--topic", overlays[^1]);
        await using AgentProcess bob = await AgentProcess.StartAsync("--topic", overlays[^1], "--peer", alice.Address);
        await using ChildProcess verifier = PmqCommand.Start("verify", "--networks", networks, "--agent", bob.Grpc);
        await verifier.Errors.TakeAsync(line => line.EndsWith(overlays[^1], StringComparison.Ordinal));
        await alice.MeshedAsync(overlays[^1], 1);

        string id = (await alice.Client().PublishAsync(overlays[^1], _eth.Report(1, "x", 0, 1), default)).MessageId;

        await verifier.Output.TakeAsync(line => line == $"accept {overlays[^1]} {id} accepted eth-usd 1");
        await Eventually.HoldsAsync(() => Task.FromResult(overlays.All(
            overlay => verifier.Errors.Lines.Any(line => line.Contains(overlay, StringComparison.Ordinal)))));
        Assert.InRange(verifier.Errors.Lines.Count(line => line.Contains("verifying ", StringComparison.Ordinal)), 4, 64);
    }

    [Theory]
    [InlineData("ocr2")]
    [InlineData("ocr3")]
    [InlineData("ocr3-contract")]
    [InlineData("ed25519")]
    [InlineData("p256")]
    public async Task Keygen_makes_a_signer_that_the_networks_file_takes(string scheme)
    {
        string key = Path.Combine(_folder.Path, "member.key");

        string signer = Assert.Single(await PmqCommand.SucceedAsync("keygen", "--report", scheme, "--out", key));

        Assert.Matches("\\A[0-9a-f]{64}\n\\z", await File.ReadAllTextAsync(key));
        Assert.True(
            OperatingSystem.IsWindows()
            || File.GetUnixFileMode(key) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        string networks = _folder.Write("networks.yaml", $"""
            networks:
              - id: test
                overlays: [test.reports.1]
                epochs: [{"{"}digest: {_eth.Digest}, scheme: {scheme}, signers: [{signer}]{"}"}]
            """);
        await using AgentProcess agent = await AgentProcess.StartAsync();
        await using ChildProcess verifier = PmqCommand.Start("verify", "--networks", networks, "--agent", agent.Grpc);
        await verifier.Errors.TakeAsync(line => line == "pmq: verifying test.reports.1");
    }

    [Fact]
    public async Task Keygen_does_not_take_the_kind_of_a_key_and_a_scheme_together()
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> errors) =
            await PmqCommand.RunAsync("keygen", "--report", "ocr2", "--type", "ed25519");

        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.Equal("pmq: --type: not with --report: the scheme says the kind of key", Assert.Single(errors));
    }

    [Fact]
    public async Task The_state_of_a_verifier_is_its_own()
    {
        string networks = _folder.Write("networks.yaml", "networks:\n" + _eth.Yaml);
        await using AgentProcess agent = await AgentProcess.StartAsync();
        string[] verify = ["verify", "--networks", networks, "--state", StatePath, "--agent", agent.Grpc];
        await using ChildProcess first = PmqCommand.Start(verify);
        await first.Errors.TakeAsync(line => line == "pmq: verifying " + _eth.Overlay);

        (int code, _, IReadOnlyList<string> errors) = await PmqCommand.RunAsync(verify);

        Assert.NotEqual(0, code);
        Assert.StartsWith($"pmq: --state {StatePath}: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    /// <summary>Publishes a file, and waits for the line of its verdict.</summary>
    private async Task JudgedAsync(
        AgentProcess publisher,
        ChildProcess verifier,
        SigningNetwork network,
        byte[] encoded,
        string verdict,
        string reason,
        long sequence)
    {
        string file = Path.Combine(_folder.Path, $"report-{_files++}");
        await File.WriteAllBytesAsync(file, encoded);
        string line = Assert.Single(await PmqCommand.SucceedAsync(
            "publish", "--topic", network.Overlay, "--file", file, "--json", "--agent", publisher.Grpc));
        using JsonDocument published = JsonDocument.Parse(line);
        string id = published.RootElement.GetProperty("messageId").GetString()!;

        string judged = await verifier.Output.TakeAsync(line => line.Contains(id, StringComparison.Ordinal));
        Assert.Equal(
            $"{{\"event\":\"verdict\",\"topic\":\"{network.Overlay}\",\"messageId\":\"{id}\",\"verdict\":\"{verdict}\","
                + $"\"reason\":\"{reason}\",\"network\":\"{network.Id}\",\"sequence\":{sequence}}}",
            judged);
    }

    private static string? DataOf(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.TryGetProperty("data", out JsonElement data) ? data.GetString() : null;
    }
}
