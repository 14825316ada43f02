using Pmq.Agent.Configuration;
using Pmq.Core.Addresses;
using Pmq.Engine;
using Pmq.Gossipsub;

namespace Pmq.Agent.Tests.Configuration;

public sealed class AgentConfigurationTests
{
    private const string Bootstrapper =
        "/ip4/0.0.0.0/tcp/5001/p2p/12D3KooWNBpcEZvtNLkAuHf3RdsRcokeQQNc2WrgU7iHipwVAKWM";

    [Theory]
    [InlineData("go-default.yaml")]
    [InlineData("go-default.json")]
    public void The_default_file_of_the_Go_agent_is_read_unchanged(string name)
    {
        AgentConfiguration configuration = Configurations.Load(DataPath(name));

        Assert.Equal([Multiaddr.Parse("/ip4/0.0.0.0/tcp/5101")], configuration.Get(AgentSettings.ListenAddrs));
        Assert.Equal("server", configuration.Get(AgentSettings.DiscoveryMode));
        Assert.Equal([Multiaddr.Parse(Bootstrapper)], configuration.Get(AgentSettings.Bootstrappers));
        Assert.Equal("required", configuration.Get(AgentSettings.Validation));
    }

    [Fact]
    public void The_bootstrapper_file_of_the_Go_agent_is_read_unchanged()
    {
        AgentConfiguration configuration = Configurations.Load(DataPath("go-bootstrapper.yaml"));

        Assert.Equal([Multiaddr.Parse("/ip4/0.0.0.0/tcp/5001")], configuration.Get(AgentSettings.ListenAddrs));
        Assert.Equal("bootstrapper", configuration.Get(AgentSettings.DiscoveryMode));
        Assert.Empty(configuration.Get(AgentSettings.Bootstrappers));
    }

    [Fact]
    public async Task A_buffer_larger_than_the_default_is_taken()
    {
        AgentConfiguration configuration = Configurations.Yaml(
            "listenAddrs: [/memory/0]\npubsub:\n  topics:\n    - name: a\n      bufferSize: 1000000\n");

        await using PmqPeer peer = await PmqPeer.StartAsync(
            AgentOptions.From(configuration).Peer, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Every_value_remembers_where_it_comes_from_and_the_last_source_wins()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("pmq.yaml", "dialTimeout: 3s\nlog:\n  level: warn\ngrpc:\n  listen: 127.0.0.1:1\n");
        var environment = new Dictionary<string, string> { ["P2PMQ_LOGLEVEL"] = "error", ["GRPC_PORT"] = "9001" };

        AgentConfiguration configuration = Configurations.Load(path, environment, ("--loglevel", ["debug"]));

        Assert.Equal("default", configuration.Find(AgentSettings.HttpListen).Origin.ToString());
        Assert.Equal($"{path}:1", configuration.Find(AgentSettings.DialTimeout).Origin.ToString());
        Assert.Equal("environment GRPC_PORT", configuration.Find(AgentSettings.GrpcListen).Origin.ToString());
        Assert.Equal("127.0.0.1:9001", configuration.Find(AgentSettings.GrpcListen).Text);
        Assert.Equal("flag --loglevel", configuration.Find(AgentSettings.LogLevel).Origin.ToString());
        Assert.Equal("debug", configuration.Get(AgentSettings.LogLevel));
    }

    [Fact]
    public void The_file_is_named_by_the_flag_else_by_the_environment()
    {
        using var folder = new TemporaryFolder();
        string byFlag = folder.Write("a.yaml", "dialTimeout: 1s");
        string byVariable = folder.Write("b.yaml", "dialTimeout: 2s");
        var environment = new Dictionary<string, string> { ["P2PMQ_CONFIG"] = byVariable };

        Assert.Equal(TimeSpan.FromSeconds(2), Configurations.Load(null, environment).Get(AgentSettings.DialTimeout));
        Assert.Equal(TimeSpan.FromSeconds(1), Configurations.Load(byFlag, environment).Get(AgentSettings.DialTimeout));
    }

    [Theory]
    [InlineData("1m30s", 90_000)]
    [InlineData("1500000000", 1_500)]
    [InlineData("'1.5s'", 1_500)]
    [InlineData("250ms", 250)]
    public void Durations_are_Go_strings_or_nanoseconds(string text, int milliseconds) => Assert.Equal(
        TimeSpan.FromMilliseconds(milliseconds),
        Configurations.Yaml($"dialTimeout: {text}").Get(AgentSettings.DialTimeout));

    [Fact]
    public void Null_zero_and_empty_text_are_absent()
    {
        AgentConfiguration configuration = Configurations.Yaml(
            "dialTimeout: 0\nuserAgent: ''\nlistenAddrs: ~\npubsub:\n  topics:\n  overlay:\n    d: 0\n    dlo: null\n");

        Assert.Empty(configuration.Set);
        Assert.Equal(TimeSpan.FromSeconds(15), configuration.Get(AgentSettings.DialTimeout));
        Assert.Equal(6, configuration.Get(AgentSettings.MeshDegree));
    }

    [Theory]
    [InlineData("d: 3", 3, 3, 12, 1)]
    [InlineData("d: 1", 1, 1, 12, 0)]
    [InlineData("d: 20", 20, 5, 40, 2)]
    [InlineData("dlo: 8", 8, 8, 16, 2)]
    [InlineData("dhi: 4", 4, 4, 4, 1)]
    [InlineData("dlo: 2", 6, 2, 12, 1)]
    public void What_is_unset_of_the_degrees_follows(string set, int degree, int low, int high, int outbound)
    {
        AgentConfiguration configuration = Configurations.Yaml($"pubsub:\n  overlay:\n    {set}\n");

        Assert.Equal(degree, configuration.Get(AgentSettings.MeshDegree));
        Assert.Equal(low, configuration.Get(AgentSettings.MeshDegreeLow));
        Assert.Equal(high, configuration.Get(AgentSettings.MeshDegreeHigh));
        Assert.Equal(outbound, configuration.Get(AgentSettings.MeshDegreeOutbound));
    }

    [Fact]
    public void Settings_of_topics_reach_the_peer()
    {
        AgentConfiguration configuration = Configurations.Yaml(
            """
            pubsub:
              validation: none
              topics:
                - name: a
                  bufferSize: 7
                  sign: strict
                - name: b
                  validation: required
                  msgIDFn: {type: md5}
            """);

        PmqPeerOptions peer = AgentOptions.From(configuration).Peer;

        Assert.Equal(ValidationMode.None, peer.Validation);
        Assert.Equal(7, peer.TopicSettings["a"].ValidationQueueSize);
        Assert.Equal(SignaturePolicy.StrictSign, peer.TopicSettings["a"].SignaturePolicy);
        Assert.Null(peer.TopicSettings["a"].Validation);
        Assert.Equal(ValidationMode.Required, peer.TopicSettings["b"].Validation);
        Assert.Equal(16, peer.TopicSettings["b"].MessageId!.Value.EffectiveSize);
        Assert.Empty(peer.Topics);
    }

    [Fact]
    public void Peers_and_bootstrappers_are_both_dialed()
    {
        string other = Bootstrapper.Replace("5001", "5002", StringComparison.Ordinal);

        PmqPeerOptions peer = AgentOptions.From(
            Configurations.Load(null, null, ("--peer", [other, Bootstrapper]), ("--bootstrap", [Bootstrapper]))).Peer;

        Assert.Equal([Multiaddr.Parse(other), Multiaddr.Parse(Bootstrapper)], peer.Peers);
    }

    [Fact]
    public void A_key_that_is_not_acted_on_is_named_in_one_warning()
    {
        AgentOptions options = AgentOptions.From(Configurations.Load(DataPath("go-bootstrapper.yaml")));

        Assert.Equal(
            [
                $"{DataPath("go-bootstrapper.yaml")}:5: discovery.mode = bootstrapper: read, but this version does not act on it",
                $"{DataPath("go-bootstrapper.yaml")}:4: discovery.serviceTag = p2pmq/kad: read, but this version does not act on it",
                "no --key and no privateKey: the identity is a fresh one, and another at the next start",
            ],
            options.Warnings);
    }

    [Fact]
    public void Keys_of_JSON_match_without_regard_to_case() => Assert.True(Load("pmq.json", "{\"DisablePING\": true}")
        .Get(AgentSettings.DisablePing));

    [Fact]
    public void A_file_of_another_name_is_JSON_when_it_begins_with_a_brace() => Assert.True(Load(
        "pmq.conf", " {\"disablePing\": true}")
        .Get(AgentSettings.DisablePing));

    [Fact]
    public void An_empty_file_sets_nothing()
    {
        Assert.Empty(Load("pmq.yaml", "# nothing\n").Set);
        Assert.Empty(Load("pmq.yaml", "").Set);
        Assert.Empty(Load("pmq.json", "{}").Set);
    }

    [Fact]
    public void Secrets_are_masked()
    {
        AgentConfiguration configuration = Configurations.Yaml("privateKey: hush\n");

        Assert.DoesNotContain(configuration.All(), value => value.Text.Contains("hush", StringComparison.Ordinal)
            || (value.Json as string)?.Contains("hush", StringComparison.Ordinal) == true);
        Assert.Equal("(secret)", configuration.FindSet(AgentSettings.PrivateKey)!.Text);
    }

    [Fact]
    public void The_keys_of_scoring_and_trace_are_read()
    {
        AgentConfiguration configuration = Configurations.Yaml(
            """
            pubsub:
              trace: true
              scoring:
                thresholds: {gossip: -10, publish: -20, graylist: -30, acceptPx: 1}
                topicScoreCap: 5
                behaviourPenalty: {weight: -1, decay: 0.5, threshold: 2}
                topics:
                  some.topic:
                    weight: 1
                    timeInMesh: {weight: 0.5, quantum: 1s, cap: 3}
            """);

        Assert.Contains(configuration.Set, value => value.Key == "pubsub.scoring.topics.some.topic.timeInMesh.quantum");
        Assert.True((bool)configuration.Set.Single(value => value.Key == "pubsub.trace").Value!);
        Assert.Single(Configurations.Yaml("pubsub:\n  trace: {debug: true}\n").Set);
    }

    [Fact]
    public void The_reference_in_docs_is_current()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Pmq.slnx")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("no repository around the tests");
        }

        string path = Path.Combine(root, "docs", "configuration.md");
        Assert.True(
            File.ReadAllText(path) == ConfigurationReference.Write(),
            "docs/configuration.md differs from the settings: pmq config reference > docs/configuration.md");
    }

    [Fact]
    public void Every_setting_stands_once_and_is_described()
    {
        Assert.Equal(AgentSettings.All.Count, AgentSettings.All.Select(setting => setting.Key).Distinct().Count());
        Assert.All(AgentSettings.All, setting => Assert.EndsWith(".", setting.Description, StringComparison.Ordinal));
    }

    private static AgentConfiguration Load(string name, string text)
    {
        using var folder = new TemporaryFolder();
        return Configurations.Load(folder.Write(name, text));
    }

    private static string DataPath(string name) =>
        Path.Combine(AppContext.BaseDirectory, "Configuration", "Data", name);
}
