using Pmq.Testing.Peers;

namespace Pmq.EndToEnd.Tests.GrpcJs;

/// <summary>A js node verifies.</summary>
[Collection<JsTwoAgentsCollection>]
public sealed class JsVerifyTests(JsTwoAgents agents)
{
    [Theory]
    [InlineData("REJECT", "Rejected")]
    [InlineData("IGNORE", "Ignored")]
    [InlineData("NIL", "Ignored")]
    public async Task What_it_does_not_accept_is_not_delivered(string result, string outcome)
    {
        string topic = $"verdict {result}";
        string counted = $"pmq_validation_outcomes_total{{outcome=\"{outcome}\"}}";
        await agents.JoinAsync(topic);
        JsStream verifier = await agents.AtBob.VerifyAsync("ACCEPT", [topic], rules: [("bad", result)]);
        JsStream listener = await agents.AtBob.ListenAsync([topic]);
        double before = await agents.Bob.MetricAsync(counted);

        await agents.AtAlice.PublishAsync(topic, "bad");
        await agents.AtAlice.PublishAsync(topic, "good");

        Assert.Equal("good", (await listener.NextAsync()).Text);
        Assert.Equal(["bad", "good"], await verifier.NextTextsAsync(2));
        await Eventually.HoldsAsync(async () => await agents.Bob.MetricAsync(counted) == before + 1);
        Assert.Single(listener.Received);
        await JsStream.CancelAsync(verifier, listener);
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("close")]
    public async Task When_it_leaves_in_mid_stream_another_one_takes_over_what_it_held(string way)
    {
        string topic = $"take over after {way}";
        await agents.JoinAsync(topic);
        JsStream first = await agents.AtBob.VerifyAsync("HOLD", [topic], rules: [("judged", "ACCEPT")]);
        JsStream second = await agents.AtBob.VerifyAsync("ACCEPT", [topic]);
        JsStream listener = await agents.AtBob.ListenAsync([topic]);

        foreach (string text in new[] { "judged 1", "held 2", "held 3" })
        {
            await agents.AtAlice.PublishAsync(topic, text);
        }

        Assert.Equal(["held 2", "held 3", "judged 1"], await first.NextTextsAsync(3));
        Assert.Equal("judged 1", (await listener.NextAsync()).Text);
        Assert.Empty(second.Received);
        await (way == "cancel" ? first.CancelAsync() : first.CloseAsync());
        Assert.Equal(way == "cancel" ? "CANCELLED" : "OK", (await first.EndAsync()).Text("status"));

        Assert.Equal(["held 2", "held 3"], await second.NextTextsAsync(2));
        Assert.Equal(["held 2", "held 3"], await listener.NextTextsAsync(2));
        await agents.AtAlice.PublishAsync(topic, "new 4");
        Assert.Equal("new 4", (await second.NextAsync()).Text);
        Assert.Equal("new 4", (await listener.NextAsync()).Text);
        Assert.Equal(3, first.Received.Count);
        await JsStream.CancelAsync(second, listener);
    }

    [Fact]
    public async Task Messages_wait_for_one_that_comes_later()
    {
        const string Topic = "waiting";
        await agents.JoinAsync(Topic);
        JsStream listener = await agents.AtBob.ListenAsync([Topic]);
        const string Received = "pmq_gossipsub_messages_received_total";
        double before = await agents.Bob.MetricAsync(Received);
        await agents.AtAlice.PublishAsync(Topic, "early");

        // What other tests left without a verdict is pending too, for up to a minute.
        await Eventually.HoldsAsync(async () => await agents.Bob.MetricAsync(Received) == before + 1);
        Assert.InRange(await agents.Bob.MetricAsync("pmq_validation_pending"), 1, double.MaxValue);

        JsStream verifier = await agents.AtBob.VerifyAsync("ACCEPT", [Topic]);

        Assert.Equal("early", (await verifier.NextAsync()).Text);
        Assert.Equal("early", (await listener.NextAsync()).Text);
        await JsStream.CancelAsync(verifier, listener);
    }

    [Fact]
    public async Task It_is_asked_about_the_topics_that_it_names_alone()
    {
        // A header carries neither of these characters as they are.
        const string Prices = "prices, 100 % in €";
        const string Blocks = "blocks";
        await agents.JoinAsync(Prices);
        await agents.JoinAsync(Blocks);
        JsStream prices = await agents.AtBob.VerifyAsync("ACCEPT", [Prices, "unused"]);
        JsStream blocks = await agents.AtBob.VerifyAsync("ACCEPT", [Blocks]);
        JsStream listener = await agents.AtBob.ListenAsync([Prices, Blocks]);

        await agents.AtAlice.PublishAsync(Prices, "price");
        await agents.AtAlice.PublishAsync(Blocks, "block");

        Assert.Equal(["block", "price"], await listener.NextTextsAsync(2));
        Assert.Equal(["price"], prices.Received.Select(message => message.Text));
        Assert.Equal(["block"], blocks.Received.Select(message => message.Text));
        await JsStream.CancelAsync(prices, blocks, listener);
    }

    [Fact]
    public async Task Stateless_ones_share_a_topic_by_least_in_flight()
    {
        const string Topic = "shared";
        await agents.JoinAsync(Topic);
        JsStream first = await agents.AtBob.VerifyAsync("HOLD", [Topic], mode: "stateless");
        JsStream second = await agents.AtBob.VerifyAsync("HOLD", [Topic], mode: "stateless");
        JsStream listener = await agents.AtBob.ListenAsync([Topic]);

        for (int i = 0; i < 4; i++)
        {
            await agents.AtAlice.PublishAsync(Topic, $"message {i}");
        }

        await first.NextTextsAsync(2);
        await second.NextTextsAsync(2);
        await first.JudgeAsync("ACCEPT");
        await second.JudgeAsync("ACCEPT");
        Assert.Equal(["message 0", "message 1", "message 2", "message 3"], await listener.NextTextsAsync(4));
        await JsStream.CancelAsync(first, second, listener);
    }

    [Fact]
    public async Task Its_verdict_on_what_another_one_was_asked_has_no_effect()
    {
        const string Topic = "mine";
        await agents.JoinAsync(Topic);
        JsStream asked = await agents.AtBob.VerifyAsync("HOLD", [Topic]);
        JsStream other = await agents.AtBob.VerifyAsync("ACCEPT", [Topic]);
        JsStream listener = await agents.AtBob.ListenAsync([Topic]);
        double before = await agents.Bob.MetricAsync("pmq_validation_verdicts_late_total");
        JsPublished held = await agents.AtAlice.PublishAsync(Topic, "held");
        await asked.NextAsync();

        await other.JudgeAsync("ACCEPT", Topic, held.MessageId);
        await other.JudgeAsync("ACCEPT", Topic, "no message id");
        await Eventually.HoldsAsync(
            async () => await agents.Bob.MetricAsync("pmq_validation_verdicts_late_total") == before + 2);
        Assert.Empty(listener.Received);
        await asked.JudgeAsync("ACCEPT");

        Assert.Equal("held", (await listener.NextAsync()).Text);
        await JsStream.CancelAsync(asked, other, listener);
    }

    [Fact]
    public async Task An_unknown_mode_is_refused_in_words()
    {
        var refused = await Assert.ThrowsAsync<ScriptedPeerException>(() => agents.AtBob.VerifyAsync("ACCEPT", mode: "fast"));

        Assert.Equal("INVALID_ARGUMENT: pmq-mode: fast: must be stateless, or absent", refused.Message);
    }
}
