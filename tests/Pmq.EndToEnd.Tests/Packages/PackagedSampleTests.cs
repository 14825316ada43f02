using System.IO.Compression;
using System.Xml.Linq;
using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests.Packages;

/// <summary>The C# of the README and of the page on verifiers does what the pages say.</summary>
public sealed class PackagedSampleTests(PackagedSamples samples) : IClassFixture<PackagedSamples>
{
    [Fact]
    public void Each_package_says_what_it_is_and_brings_its_documentation()
    {
        string[] packages = Directory.GetFiles(samples.PackageFolder, "*.nupkg");

        Assert.Equal(8, packages.Length);
        foreach (string package in packages)
        {
            using ZipArchive archive = ZipFile.OpenRead(package);
            string id = Path.GetFileName(package).Split(".0.1.0")[0];
            Assert.Contains(archive.Entries, entry => entry.FullName == "README.md");
            Assert.Contains(archive.Entries, entry => entry.FullName == $"lib/net10.0/{id}.xml");
            using Stream nuspec = archive.GetEntry($"{id}.nuspec")!.Open();
            XElement metadata = XDocument.Load(nuspec).Root!.Elements().Single();
            string Of(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
            Assert.Equal((id, "0.1.0", "MIT", "README.md"), (Of("id"), Of("version"), Of("license"), Of("readme")));
            Assert.DoesNotContain("Package Description", Of("description"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Verifier_processor_and_producer_of_the_README()
    {
        (AgentProcess author, AgentProcess node) = await StartAgentsAsync("prices");
        await using AgentProcess first = author;
        await using AgentProcess second = node;
        await using ChildProcess verifier = samples.Start("verifier", author, node);
        await using ChildProcess processor = samples.Start("processor", author, node);
        await VerifyingAsync(node);
        await ListeningAsync(node);
        await author.PublishAsync("prices", "a lie");
        await Eventually.HoldsAsync(async () => await node.MetricAsync(Outcomes("Rejected")) == 1);
        await using ChildProcess producer = samples.Start("producer", author, node);

        Assert.Equal(0, await producer.WaitForExitAsync());
        Assert.Matches("^[0-9a-f]{40} sent to 1 peers$", Assert.Single(producer.Output.Lines));
        Assert.Equal("prices ETH/USD 3141.59", await processor.Output.TakeAsync(_ => true));
    }

    [Fact]
    public async Task The_peer_of_the_README()
    {
        await using ChildProcess peer = samples.Start("in-process");

        int code = await peer.WaitForExitAsync();

        Assert.True(code == 0, peer.Errors.Tail());
        Assert.Equal(["prices ETH/USD 3141.59"], peer.Output.Lines);
    }

    [Fact]
    public async Task Rules_that_are_a_function()
    {
        (AgentProcess author, AgentProcess node) = await StartAgentsAsync("prices");
        await using AgentProcess first = author;
        await using AgentProcess second = node;
        await using ChildProcess verifier = samples.Start("rules", author, node);
        await VerifyingAsync(node);

        string good = await author.PublishAsync("prices", "ETH/USD 1");
        string bad = await author.PublishAsync("prices", "a lie");

        await verifier.Output.TakeAsync(line => line == $"Accept prices {good}");
        await verifier.Output.TakeAsync(line => line == $"Reject prices {bad}");
    }

    [Fact]
    public async Task Rules_with_a_memory()
    {
        (AgentProcess author, AgentProcess node) = await StartAgentsAsync("prices");
        await using AgentProcess first = author;
        await using AgentProcess second = node;
        await using ChildProcess verifier = samples.Start("stateful", author, node);
        await VerifyingAsync(node);

        foreach ((string verdict, string text) in new[]
        {
            ("Accept", "alice 2"), ("Ignore", "alice 1"), ("Accept", "bob 1"), ("Accept", "alice 3"), ("Reject", "alice"),
        })
        {
            await author.PublishAsync("prices", text);
            await verifier.Output.TakeAsync(line => line == $"{verdict} {text}");
        }
    }

    [Fact]
    public async Task The_verifier_of_quorum_signed_reports()
    {
        using var network = new SigningNetwork("eth-usd", 1);
        File.WriteAllText(Path.Combine(samples.Folder("quorum"), "networks.yaml"), "networks:\n" + network.Yaml);
        (AgentProcess author, AgentProcess node) = await StartAgentsAsync(network.Overlay);
        await using AgentProcess first = author;
        await using AgentProcess second = node;
        await using ChildProcess verifier = samples.Start("quorum", author, node);
        await VerifyingAsync(node);

        foreach ((string line, byte[] report) in new[]
        {
            ("Reject eth-usd #1: BadSignature", network.Forged(1, "3141.58")),
            ("Accept eth-usd #1: Accepted", network.Report(1, "3141.59", 0, 1)),
            ("Ignore eth-usd #1: Seen", network.Report(1, "3141.59", 2, 3)),
            ("Accept eth-usd #2: Accepted", network.Report(2, "3141.60", 0, 1)),
        })
        {
            await author.Client().PublishAsync(network.Overlay, report, default);
            await verifier.Output.TakeAsync(printed => printed == line);
        }
    }

    [Fact]
    public async Task Services_of_a_host_that_stops_in_order()
    {
        (AgentProcess author, AgentProcess node) = await StartAgentsAsync("prices");
        await using AgentProcess first = author;
        await using AgentProcess second = node;
        await using ChildProcess host = samples.Start("host", author, node);
        await VerifyingAsync(node);
        await ListeningAsync(node);

        string id = await author.PublishAsync("prices", "ETH/USD 1");

        await host.Output.TakeAsync(line => line == "processed ETH/USD 1");
        Assert.Equal(40, id.Length);
        host.Terminate();
        Assert.Equal(0, await host.WaitForExitAsync());
    }

    private static string Outcomes(string outcome) => $"pmq_validation_outcomes_total{{outcome=\"{outcome}\"}}";

    private static Task ListeningAsync(AgentProcess node) =>
        Eventually.HoldsAsync(async () => await node.MetricAsync("pmq_agent_listener_count") == 1);

    /// <summary>A message waits five seconds for a verifier, which may be too short on a loaded machine.</summary>
    private static Task VerifyingAsync(AgentProcess node) => Eventually.HoldsAsync(
        async () => await node.MetricAsync("pmq_validation_verifier_changes_total{event=\"attached\"}") == 1);

    /// <summary>Two agents, the second in the mesh of the first.</summary>
    private static async Task<(AgentProcess Author, AgentProcess Node)> StartAgentsAsync(string topic)
    {
        AgentProcess author = await AgentProcess.StartAsync("--topic", topic);
        AgentProcess node = await AgentProcess.StartAsync("--topic", topic, "--peer", author.Address);
        await author.MeshedAsync(topic, 1);
        return (author, node);
    }
}
