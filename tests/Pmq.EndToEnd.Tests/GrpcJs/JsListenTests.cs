using System.Globalization;
using System.Text.Json;
using Pmq.Testing.Peers;

namespace Pmq.EndToEnd.Tests.GrpcJs;

/// <summary>A js node listens.</summary>
[Collection<JsTwoAgentsCollection>]
public sealed class JsListenTests(JsTwoAgents agents)
{
    [Fact]
    public async Task Without_topics_it_hears_what_the_agent_subscribes_to_later()
    {
        JsStream listener = await agents.AtBob.ListenAsync();
        JsStream verifier = await agents.AtBob.VerifyAsync("ACCEPT", ["later one", "later two"]);

        foreach (string topic in new[] { "later one", "later two" })
        {
            await agents.JoinAsync(topic);
            await agents.AtAlice.PublishAsync(topic, $"on {topic}");

            JsMessage delivered = await listener.NextAsync();
            Assert.Equal((topic, $"on {topic}"), (delivered.Topic, delivered.Text));
        }

        await verifier.CancelAsync();
        await listener.CancelAsync();
        Assert.Equal("CANCELLED", (await listener.EndAsync()).Text("status"));
    }

    [Fact]
    public async Task It_hears_the_topics_that_it_named_alone()
    {
        await agents.JoinAsync("named");
        await agents.JoinAsync("other");
        JsStream verifier = await agents.AtBob.VerifyAsync("ACCEPT", ["named", "other"]);
        JsStream both = await agents.AtBob.ListenAsync(["named", "other"]);
        JsStream one = await agents.AtBob.ListenAsync(["named"]);

        await agents.AtAlice.PublishAsync("other", "not for all");
        Assert.Equal("not for all", (await both.NextAsync()).Text);
        await agents.AtAlice.PublishAsync("named", "for both");

        Assert.Equal("for both", (await both.NextAsync()).Text);
        Assert.Equal("for both", (await one.NextAsync()).Text);
        Assert.Single(one.Received);
        await JsStream.CancelAsync(verifier, both, one);
    }

    [Fact]
    public async Task It_subscribes_to_nothing_by_itself()
    {
        JsStream listener = await agents.AtBob.ListenAsync(["heard"]);

        // Announcements keep their order: when the second topic is known, the first would be too.
        await agents.JoinAsync("subscribed");

        Assert.DoesNotContain("heard", Assert.Single(await agents.AtAlice.ListPeersAsync()).Texts("topics"));
        await listener.CancelAsync();
    }

    [Fact]
    public async Task After_unsubscribing_it_hears_nothing_more_and_the_other_agent_knows()
    {
        const string Topic = "left";
        await agents.JoinAsync(Topic);
        await agents.AtBob.UnsubscribeAsync(Topic);
        await Eventually.HoldsAsync(
            async () => !(await agents.AtAlice.ListPeersAsync())[0].Texts("topics").Contains(Topic));

        Assert.Equal(0, (await agents.AtAlice.PublishAsync(Topic, "to nobody")).Sent);
    }

    [Fact]
    public async Task It_hears_its_own_agent_once()
    {
        const string Topic = "own";
        await agents.JoinAsync(Topic);
        JsStream verifier = await agents.AtBob.VerifyAsync("ACCEPT", [Topic]);
        JsStream atBob = await agents.AtBob.ListenAsync([Topic]);
        JsStream listener = await agents.AtAlice.ListenAsync([Topic]);

        await agents.AtAlice.PublishAsync(Topic, "first");
        await agents.AtAlice.PublishAsync(Topic, "first");
        Assert.Equal("first", (await atBob.NextAsync()).Text);
        await agents.AtAlice.PublishAsync(Topic, "second");

        Assert.Equal("first", (await listener.NextAsync()).Text);
        Assert.Equal("second", (await listener.NextAsync()).Text);
        Assert.Equal(2, listener.Received.Count);
        await JsStream.CancelAsync(verifier, atBob, listener);
    }

    [Fact]
    public async Task What_exceeds_its_rate_is_dropped_and_reported()
    {
        const int Count = 50;
        const string Topic = "rate";
        await using AgentProcess agent = await AgentProcess.StartAsync("--topic", Topic);
        JsClient client = await agents.Node.ConnectAsync(agent.Grpc);
        JsStream limited = await client.ListenAsync([Topic], maxRate: "1");
        JsStream whole = await client.ListenAsync([Topic], maxRate: long.MaxValue.ToString(CultureInfo.InvariantCulture));

        long began = TimeProvider.System.GetTimestamp();
        await client.PublishManyAsync(Enumerable.Range(0, Count).Select(i => (Topic, $"message {i}", (ulong)i)));
        double seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;

        // A burst of one second, and one more for each second that it took.
        await whole.NextTextsAsync(Count);
        int dropped = (int)await agent.MetricAsync("pmq_listener_dropped_total{reason=\"rate\"}");
        Assert.InRange(Count - dropped, 1, 1 + (int)Math.Ceiling(seconds));
        await limited.NextTextsAsync(Count - dropped);

        // Each stream is told its own loss when the agent ends it.
        agent.Process.Terminate();
        Assert.Equal(
            dropped.ToString(CultureInfo.InvariantCulture),
            (await limited.EndAsync()).GetProperty("trailers").Text("pmq-dropped"));
        Assert.Equal("0", (await whole.EndAsync()).GetProperty("trailers").Text("pmq-dropped"));
        Assert.Equal(Count - dropped, limited.Received.Count);
    }

    [Fact]
    public async Task A_negative_rate_is_refused_in_words()
    {
        var refused = await Assert.ThrowsAsync<ScriptedPeerException>(() => agents.AtBob.ListenAsync(maxRate: "-1"));

        Assert.Equal("INVALID_ARGUMENT: max_rate = -1: must be 0 (no limit) or more", refused.Message);
    }
}
