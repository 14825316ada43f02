using Pmq.Agent.Configuration;

namespace Pmq.Agent.Tests.Configuration;

public sealed class ConfigurationFaultTests
{
    [Theory]
    [InlineData("listenAdrs: []", "pmq.yaml:1: unknown key listenAdrs; did you mean listenAddrs?")]
    [InlineData("a: 1", "pmq.yaml:1: unknown key a")]
    [InlineData(
        "pubsub:\n  overlay:\n    D: 6", "pmq.yaml:3: unknown key pubsub.overlay.D; did you mean pubsub.overlay.d?")]
    [InlineData(
        "pubsub:\n  topics:\n    - name: a\n      rate: 1", "pmq.yaml:4: unknown key pubsub.topics[0].rate")]
    [InlineData("pubsub:\n  overlay: 6", "pmq.yaml:2: pubsub.overlay = 6: must be a mapping of keys to values")]
    [InlineData("pubsub:\n  topics: a", "pmq.yaml:2: pubsub.topics = a: must be a list")]
    [InlineData("pubsub:\n  topics: [a]", "pmq.yaml:2: pubsub.topics[0] = a: must be a mapping of keys to values")]
    [InlineData(
        "pubsub:\n  overlay:\n    d: six", "pmq.yaml:3: pubsub.overlay.d = six: must be an integer from 1 to 1000")]
    [InlineData(
        "pubsub:\n  overlay:\n    d: '6'", "pmq.yaml:3: pubsub.overlay.d = 6: must be an integer from 1 to 1000")]
    [InlineData(
        "pubsub:\n  overlay:\n    d: -1", "pmq.yaml:3: pubsub.overlay.d = -1: must be an integer from 1 to 1000")]
    [InlineData("disablePing: maybe", "pmq.yaml:1: disablePing = maybe: must be true or false")]
    [InlineData(
        "dialTimeout: 5 minutes",
        "pmq.yaml:1: dialTimeout = 5 minutes: must be a duration from 10ms to 10m0s, as 1m30s or in nanoseconds")]
    [InlineData(
        "discovery:\n  mode: auto",
        "pmq.yaml:2: discovery.mode = auto: must be one of boot, bootstrapper, server, client")]
    [InlineData(
        "pubsub:\n  subFilter:\n    pattern: '(?=x)'",
        "pmq.yaml:3: pubsub.subFilter.pattern = (?=x): must be a regular expression without backreferences and lookaround")]
    [InlineData(
        "grpc:\n  listen: example.org:1",
        "pmq.yaml:2: grpc.listen = example.org:1: must be HOST:PORT or unix:PATH, "
            + "the host an IP address or localhost, the port from 0 to 65535, a path of at most 107 bytes")]
    [InlineData(
        "psk: aGVsbG8=", "pmq.yaml:1: psk = (secret): not supported by this version; remove the key to run without it")]
    [InlineData(
        "psk: [1, 2]", "pmq.yaml:1: psk = (secret): not supported by this version; remove the key to run without it")]
    [InlineData("a: 1\na: 2", "pmq.yaml:2: is not YAML: Duplicate key a")]
    [InlineData("- a", "pmq.yaml:1: the file must hold a mapping of keys to values")]
    [InlineData("---\n{}\n---\n{}", "pmq.yaml:4: the file must hold one document")]
    public void A_mistake_in_YAML_is_named_with_its_line(string text, string fault) =>
        Assert.Equal(fault, Configurations.Fault("pmq.yaml", text));

    [Theory]
    [InlineData("{\n \"listenAdrs\": []}", "pmq.json:2: unknown key listenAdrs; did you mean listenAddrs?")]
    [InlineData("{\n \"psk\": \"aGVsbG8=\"}", "pmq.json:2: psk = (secret): not supported by this version; remove the key to run without it")]
    [InlineData("{\n\n \"pubsub\": {\"overlay\": {\"d\": 6.5}}}", "pmq.json:3: pubsub.overlay.d = 6.5: must be an integer from 1 to 1000")]
    [InlineData("[]", "pmq.json:1: the file must hold an object")]
    [InlineData("{\"a\": 1,\n\"A\": 2}", "pmq.json:2: key \"A\" stands twice, first on line 1")]
    public void A_mistake_in_JSON_is_named_with_its_line(string text, string fault) =>
        Assert.Equal(fault, Configurations.Fault("pmq.json", text));

    [Theory]
    [InlineData("{\"a\": ")]
    [InlineData("{\"a\" 1}")]
    [InlineData("{} {}")]
    [InlineData("")]
    public void Broken_JSON_is_one_line_with_its_number(string text) =>
        Assert.StartsWith("pmq.json:1: ", Configurations.Fault("pmq.json", text), StringComparison.Ordinal);

    [Theory]
    [InlineData("b: 1\na: [1,, ]")]
    [InlineData("b: 1\na: b: c")]
    [InlineData("b: 1\n\ta: 1")]
    [InlineData("b: 1\na: *nothing")]
    public void Broken_YAML_is_one_line_with_its_number(string text) =>
        Assert.Matches("^pmq\\.yaml:[12]: is not YAML: ", Configurations.Fault("pmq.yaml", text));

    [Fact]
    public void YAML_that_is_nested_too_deep_is_refused()
    {
        string deep = "a: " + new string('[', 40) + new string(']', 40);

        Assert.Equal("pmq.yaml:1: is nested more than 32 deep", Configurations.Fault("pmq.yaml", deep));
    }

    [Fact]
    public void YAML_that_is_nested_beyond_the_stack_is_refused() => Assert.Equal(
        "pmq.yaml:1: is nested more than 32 deep", Configurations.Fault("pmq.yaml", new string('[', 200_000)));

    [Fact]
    public void YAML_whose_aliases_multiply_is_refused()
    {
        string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 12).Select(
            i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

        Assert.EndsWith(
            ": there are more than 100000 values", Configurations.Fault("pmq.yaml", bomb), StringComparison.Ordinal);
    }

    [Fact]
    public void YAML_that_breaks_the_scanner_is_refused() =>
        Assert.Equal("pmq.yaml: is not YAML", Configurations.Fault("pmq.yaml", "a: {b\n%YAML 1.2\n}"));

    [Theory]
    [InlineData("dlo: 8\n    d: 6", "pmq.yaml:3: pubsub.overlay.dlo = 8: must be at most pubsub.overlay.d, which is 6 (pmq.yaml:4)")]
    [InlineData("d: 9\n    dhi: 8", "pmq.yaml:3: pubsub.overlay.d = 9: must be at most pubsub.overlay.dhi, which is 8 (pmq.yaml:4)")]
    [InlineData("dlo: 9\n    dhi: 8", "pmq.yaml:3: pubsub.overlay.dlo = 9: must be at most pubsub.overlay.dhi, which is 8 (pmq.yaml:4)")]
    [InlineData("mCacheLen: 2\n    mCacheGossip: 3", "pmq.yaml:4: pubsub.overlay.mCacheGossip = 3: must be at most pubsub.overlay.mCacheLen, which is 2 (pmq.yaml:3)")]
    [InlineData("dout: 5", "pmq.yaml:3: pubsub.overlay.dout = 5: must be below pubsub.overlay.dlo, which is 5")]
    [InlineData("dout: 4", "pmq.yaml:3: pubsub.overlay.dout = 4: must be at most half of pubsub.overlay.d, which is 6")]
    public void A_relation_that_the_user_broke_names_both_sides(string overlay, string fault) =>
        Assert.Equal(fault, Configurations.Fault("pmq.yaml", "pubsub:\n  overlay:\n    " + overlay));

    [Theory]
    [InlineData("connManager:\n  lowWaterMark: 9\n  highWaterMark: 8", "pmq.yaml:2: connManager.lowWaterMark = 9: must be at most connManager.highWaterMark, which is 8 (pmq.yaml:3)")]
    [InlineData(
        "pubsub:\n  topics:\n    - bufferSize: 1", "pubsub.topics[0].name is missing: each topic needs its name")]
    [InlineData("pubsub:\n  topics:\n    - name: a\n    - name: a", "pmq.yaml:4: pubsub.topics[1].name = a: the topic stands twice, first as pubsub.topics[0].name")]
    [InlineData(
        "privateKey: x\nkeyFile: y", "pmq.yaml:2: keyFile = y: privateKey is set too (pmq.yaml:1); keep one of them")]
    [InlineData("grpc:\n  tlsCert: x", "pmq.yaml:2: grpc.tlsCert = x: needs --grpc-tls-key (grpc.tlsKey) too")]
    [InlineData("grpc:\n  tlsCA: x", "pmq.yaml:2: grpc.tlsCA = x: needs --grpc-tls-cert (grpc.tlsCert) too")]
    public void Other_relations_are_named_too(string text, string fault) =>
        Assert.Equal(fault, Configurations.Fault("pmq.yaml", text));

    [Fact]
    public void A_flag_is_named_with_its_value()
    {
        Assert.Equal(
            "--listen /foo: must be a multiaddr as /ip4/127.0.0.1/tcp/4001 (\"foo\" is no protocol known here)",
            Configurations.FlagFault("--listen", "/foo"));
        Assert.Equal(
            "--peer /ip4/127.0.0.1/tcp/1: must be a multiaddr as /ip4/192.0.2.1/tcp/4001/p2p/12D3Koo…",
            Configurations.FlagFault("--peer", "/ip4/127.0.0.1/tcp/1"));
        Assert.Equal(
            "--validation maybe: must be one of required, none", Configurations.FlagFault("--validation", "maybe"));
        Assert.Equal("--key : must be a file", Configurations.FlagFault("--key", ""));
    }

    [Fact]
    public void A_port_in_the_environment_is_named_with_its_value() => Assert.Equal(
        "GRPC_PORT 70000: must be a port from 0 to 65535",
        Assert.Throws<ConfigurationException>(() => Configurations.Load(
            null, new Dictionary<string, string> { ["GRPC_PORT"] = "70000" })).Message);

    [Fact]
    public void A_topic_to_join_is_held_against_the_limits_of_the_router()
    {
        Assert.EndsWith("must be a topic of 1 to 512 bytes", Configurations.FlagFault("--topic", new string('x', 513)));
        Assert.Equal(
            "pmq.yaml:1: topics = [a, b]: b must match pubsub.subFilter.pattern, which is ^a (pmq.yaml:4)",
            Configurations.Fault("pmq.yaml", "topics: [a, b]\npubsub:\n  subFilter:\n    pattern: ^a\n"));
    }

    [Fact]
    public void A_file_that_the_environment_names_is_blamed_on_the_variable() => Assert.Equal(
        "P2PMQ_CONFIG /nowhere/pmq.yaml: cannot be read: no such file",
        Assert.Throws<ConfigurationException>(() => Configurations.Load(
            null, new Dictionary<string, string> { ["P2PMQ_CONFIG"] = "/nowhere/pmq.yaml" })).Message);

    [Fact]
    public void A_file_that_cannot_be_read_is_named()
    {
        Assert.Equal(
            "--config /nowhere/pmq.yaml: cannot be read: no such file",
            Assert.Throws<ConfigurationException>(() => Configurations.Load("/nowhere/pmq.yaml")).Message);
        Assert.StartsWith(
            "--config /: cannot be read: ",
            Assert.Throws<ConfigurationException>(() => Configurations.Load("/")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "privateKey: AAAA", "privateKey = (secret): must be a libp2p private key in base64; pmq keygen makes one")]
    [InlineData(
        "privateKey: '!'", "privateKey = (secret): must be a libp2p private key in base64; pmq keygen makes one")]
    public void A_private_key_that_is_none_is_not_printed(string text, string fault) => Assert.EndsWith(
        fault,
        Assert.Throws<ConfigurationException>(() => AgentOptions.From(Configurations.Yaml(text))).Message,
        StringComparison.Ordinal);
}
