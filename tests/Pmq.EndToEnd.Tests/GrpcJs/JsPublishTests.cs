using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pmq.Testing.Peers;

namespace Pmq.EndToEnd.Tests.GrpcJs;

/// <summary>A js node publishes at one agent; what it is told, and what arrives at the node of another.</summary>
[Collection<JsTwoAgentsCollection>]
public sealed partial class JsPublishTests(JsTwoAgents agents)
{
    [Theory]
    [InlineData(1)]
    [InlineData(70_000)]
    public async Task Its_bytes_pass_the_verifier_of_another_agent_and_reach_the_listener_there(int length)
    {
        string topic = $"bytes {length}";
        await agents.JoinAsync(topic);
        JsStream verifier = await agents.AtBob.VerifyAsync("ACCEPT", [topic]);
        JsStream listener = await agents.AtBob.ListenAsync([topic]);
        byte[] data = Pattern(length);

        JsPublished published = await agents.AtAlice.PublishAsync(topic, data);

        string id = Convert.ToHexStringLower(SHA256.HashData(data))[..40];
        Assert.Equal(new JsPublished(id, Sent: 1, Dropped: 0, IsDuplicate: false), published);
        foreach (JsMessage message in new[] { await verifier.NextAsync(), await listener.NextAsync() })
        {
            Assert.Equal((id, topic), (message.MessageId, message.Topic));
            Assert.Equal(data, message.Data);
        }

        await JsStream.CancelAsync(verifier, listener);
    }

    [Fact]
    public async Task The_largest_message_arrives_and_one_byte_more_is_refused_by_the_limit_that_it_breaks()
    {
        const string Topic = "large";
        await agents.JoinAsync(Topic);
        JsStream verifier = await agents.AtBob.VerifyAsync("ACCEPT", [Topic]);
        JsStream listener = await agents.AtBob.ListenAsync([Topic]);

        string refusal = await RefusedAsync("INVALID_ARGUMENT", Topic, Pattern(1024 * 1024));
        Assert.StartsWith("1048576 bytes do not fit", refusal, StringComparison.Ordinal);
        Assert.EndsWith("pubsub.maxMessageSize = 1048576.", refusal, StringComparison.Ordinal);
        byte[] largest = Pattern(int.Parse(
            AtMost.Match(refusal).Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture));
        Assert.InRange(largest.Length, 1_000_000, 1024 * 1024 - 1);

        Assert.Equal(1, (await agents.AtAlice.PublishAsync(Topic, largest)).Sent);
        Assert.Equal(largest, (await listener.NextAsync()).Data);
        await RefusedAsync("INVALID_ARGUMENT", Topic, Pattern(largest.Length + 1));
        await JsStream.CancelAsync(verifier, listener);
    }

    [Fact]
    public async Task What_exceeds_even_the_limit_of_the_call_is_refused_before_it_is_read() => Assert.Contains(
        "exceeds the limit of",
        await RefusedAsync("RESOURCE_EXHAUSTED", "large", Pattern(2 * 1024 * 1024)),
        StringComparison.Ordinal);

    [Fact]
    public async Task Empty_data_is_refused_in_words() => Assert.Equal(
        "The data is empty; a message has at least one byte.", await RefusedAsync("INVALID_ARGUMENT", "errors", []));

    [Fact]
    public async Task An_empty_topic_is_refused_in_words()
    {
        Assert.Equal("The topic is empty.", await RefusedAsync("INVALID_ARGUMENT", "", [1]));
        var refused = await Assert.ThrowsAsync<ScriptedPeerException>(() => agents.AtAlice.SubscribeAsync(""));
        Assert.Equal("INVALID_ARGUMENT: The topic is empty.", refused.Message);
    }

    [Fact]
    public async Task A_repeat_tells_the_same_id_and_that_it_went_to_nobody()
    {
        const string Topic = "repeat";
        await agents.JoinAsync(Topic);

        JsPublished first = await agents.AtAlice.PublishAsync(Topic, "once");
        JsPublished second = await agents.AtAlice.PublishAsync(Topic, "once");

        Assert.Equal((1, 0, false), (first.Sent, first.Dropped, first.IsDuplicate));
        Assert.Equal(first with { Sent = 0, IsDuplicate = true }, second);
    }

    [Fact]
    public async Task What_reached_nobody_is_sent_when_it_is_published_again()
    {
        const string Topic = "again";
        JsPublished lost = await agents.AtAlice.PublishAsync(Topic, "early");
        Assert.Equal((0, false), (lost.Sent, lost.IsDuplicate));

        await agents.AtBob.SubscribeAsync(Topic);
        await Eventually.HoldsAsync(async () => (await agents.AtAlice.ListPeersAsync())[0].Texts("topics").Contains(Topic));
        JsStream verifier = await agents.AtBob.VerifyAsync("ACCEPT", [Topic]);
        JsStream listener = await agents.AtBob.ListenAsync([Topic]);
        JsPublished sent = await agents.AtAlice.PublishAsync(Topic, "early");

        Assert.Equal(lost with { Sent = 1 }, sent);
        Assert.Equal("early", (await listener.NextAsync()).Text);
        await JsStream.CancelAsync(verifier, listener);
    }

    [Fact]
    public async Task A_stream_of_publications_gets_a_receipt_for_each_and_goes_on_after_a_refusal()
    {
        const string Topic = "stream";
        await agents.JoinAsync(Topic);
        JsStream verifier = await agents.AtBob.VerifyAsync("ACCEPT", [Topic]);
        JsStream listener = await agents.AtBob.ListenAsync([Topic]);

        IReadOnlyList<JsonElement> receipts = await agents.AtAlice.PublishManyAsync(
            [(Topic, "one", 7), (Topic, "", 8), ("", "two", 9), (Topic, "one", 10), (Topic, "three", ulong.MaxValue)]);

        Assert.Equal(["7", "8", "9", "10", "18446744073709551615"], receipts.Select(receipt => receipt.Text("client_ref")));
        Assert.Equal(
            [
                "PUBLISH_ERROR_NONE", "PUBLISH_ERROR_EMPTY_DATA", "PUBLISH_ERROR_BAD_TOPIC", "PUBLISH_ERROR_NONE",
                "PUBLISH_ERROR_NONE",
            ],
            receipts.Select(receipt => receipt.Text("error")));
        Assert.Equal(
            ["", "The data is empty; a message has at least one byte.", "The topic is empty.", "", ""],
            receipts.Select(receipt => receipt.Text("error_text")));
        Assert.Equal([false, false, false, true, false], receipts.Select(receipt => receipt.GetProperty("duplicate").GetBoolean()));
        Assert.Equal(
            [1, 0, 0, 0, 1],
            receipts.Select(receipt => receipt.GetProperty("sent").GetInt32() + receipt.GetProperty("queued").GetInt32()));
        Assert.Equal(receipts[0].Text("message_id"), receipts[3].Text("message_id"));
        Assert.Equal("", receipts[1].Text("message_id"));
        Assert.Equal(["one", "three"], await listener.NextTextsAsync(2));
        await JsStream.CancelAsync(verifier, listener);
    }

    [Fact]
    public async Task The_list_of_peers_names_the_other_agent_and_its_topics()
    {
        const string Topic = "peers";
        await agents.JoinAsync(Topic);

        JsonElement bob = Assert.Single(await agents.AtAlice.ListPeersAsync());
        JsonElement alice = Assert.Single(await agents.AtBob.ListPeersAsync());

        Assert.Equal((agents.Bob.PeerId, "DIRECTION_INBOUND"), (bob.Text("peer_id"), bob.Text("direction")));
        Assert.Equal((agents.Alice.PeerId, "DIRECTION_OUTBOUND"), (alice.Text("peer_id"), alice.Text("direction")));
        Assert.StartsWith("/ip4/127.0.0.1/tcp/", alice.Text("address"), StringComparison.Ordinal);
        Assert.Equal("p2pmq/js", alice.Text("agent_version"));
        Assert.StartsWith("/meshsub/1.", alice.Text("protocol"), StringComparison.Ordinal);
        Assert.Contains(Topic, bob.Texts("topics"));
        Assert.Contains(Topic, bob.Texts("mesh_topics"));
    }

    [Fact]
    public async Task Over_a_unix_socket_it_publishes_verifies_and_listens_too()
    {
        const string Topic = "socket";
        using var folder = new TemporaryFolder();
        await using AgentProcess carol = await AgentProcess.StartAsync(
            "--topic", Topic, "--grpc", $"unix:{folder.Path}/pmq.sock", "--http", "off", "--peer", agents.Alice.Address);
        JsClient atCarol = await agents.Node.ConnectAsync(carol.Grpc);
        await agents.AtAlice.SubscribeAsync(Topic);
        await agents.Alice.MeshedAsync(Topic, 1);
        await carol.MeshedAsync(Topic, 1);
        JsStream listenerAtAlice = await agents.AtAlice.ListenAsync([Topic]);
        JsStream verifierAtAlice = await agents.AtAlice.VerifyAsync("ACCEPT", [Topic]);
        JsStream verifier = await atCarol.VerifyAsync("ACCEPT");
        JsStream listener = await atCarol.ListenAsync();

        await agents.AtAlice.PublishAsync(Topic, "to the socket");
        JsMessage delivered = await listener.NextAsync();
        await atCarol.PublishAsync(Topic, "from the socket");

        Assert.Equal("to the socket", delivered.Text);
        Assert.Equal("to the socket", (await listenerAtAlice.NextAsync()).Text);
        Assert.Equal("from the socket", (await listenerAtAlice.NextAsync()).Text);
        await JsStream.CancelAsync(verifierAtAlice, listenerAtAlice, verifier, listener);
    }

    [GeneratedRegex("has at most ([0-9]+)")]
    private static partial Regex AtMost { get; }

    private async Task<string> RefusedAsync(string status, string topic, byte[] data)
    {
        var refused = await Assert.ThrowsAsync<ScriptedPeerException>(() => agents.AtAlice.PublishAsync(topic, data));
        Assert.Equal(status, refused.Name);
        return refused.Message[(status.Length + 2)..];
    }

    private static byte[] Pattern(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 31) + (i >> 8)))];
}
