using System.Text;
using System.Text.Json;
using Pmq.Engine;
using Pmq.Gossipsub;
using Pmq.Testing.Peers;

namespace Pmq.Interop.Tests;

/// <summary>Three peers in a line, the one in the middle judging; and messages that come only when asked for.</summary>
public sealed class GossipLineTests
{
    private static readonly string[] Verdicts = ["ignore this", "reject this", "accept this"];

    [Fact]
    public async Task Through_a_js_peer_passes_what_it_accepts_and_nothing_else()
    {
        await using var js = await GossipPeer.StartJsAsync();
        await using var a = await GossipPeer.StartAsync();
        await using var b = await GossipPeer.StartAsync();
        await a.MeshAsync(js, Dialer.Ours);
        await b.ConnectAsync(js, Dialer.Js);
        await js.CallAsync("awaitMesh", new { topic = GossipPeer.Topic, peers = 2 });
        await b.UntilAsync(js, p => p.MeshTopics.Contains(GossipPeer.Topic));
        await js.CallAsync("validate", new { topic = GossipPeer.Topic });

        foreach (string text in Verdicts)
        {
            await a.PublishAsync(text);
        }

        // One stream keeps the order: what is accepted was sent last.
        var arrived = await b.NextAsync();
        Assert.Equal(Verdicts[^1], Encoding.UTF8.GetString(arrived.Data.Span));
        Assert.Equal(js.PeerId, arrived.ReceivedFrom.ToString());
        Assert.Single(js.EventsSoFar("message"));
    }

    [Fact]
    public async Task Between_two_js_peers_we_pass_on_what_our_verifier_accepts_and_nothing_else()
    {
        await using var a = await GossipPeer.StartJsAsync();
        await using var b = await GossipPeer.StartJsAsync();
        await using var ours = await GossipPeer.StartAsync(o => o with { Validation = ValidationMode.Required });
        await ours.MeshAsync(a, Dialer.Ours);
        await ours.MeshAsync(b, Dialer.Js);
        await using var verifier = ours.Peer.AttachVerifier(new VerifierOptions { Name = "test" });
        Task judging = JudgeAsync(verifier);

        foreach (string text in Verdicts)
        {
            await a.CallAsync("publish", new { topic = GossipPeer.Topic, data = Encoding.UTF8.GetBytes(text) });
        }

        var arrived = await b.EventAsync("message");
        Assert.Equal(Verdicts[^1], Text(arrived));
        Assert.Equal(ours.Id, arrived.GetProperty("handedOverBy").GetString());
        Assert.Equal(Verdicts[^1], Encoding.UTF8.GetString((await ours.NextAsync()).Data.Span));
        Assert.Single(b.EventsSoFar("message"));
        await verifier.DisposeAsync();
        await judging;
    }

    [Fact]
    public async Task A_signed_message_is_passed_on_between_js_peers_with_its_signature()
    {
        await using var a = await GossipPeer.StartJsAsync(SignaturePolicy.StrictSign);
        await using var b = await GossipPeer.StartJsAsync(SignaturePolicy.StrictSign);
        await using var ours = await GossipPeer.StartAsync(o => o with { SignaturePolicy = SignaturePolicy.StrictSign });
        await ours.MeshAsync(a, Dialer.Ours);
        await ours.MeshAsync(b, Dialer.Js);

        await a.CallAsync("publish", new { topic = GossipPeer.Topic, data = "signed"u8.ToArray() });

        var arrived = await b.EventAsync("message");
        Assert.Equal(a.PeerId, arrived.GetProperty("author").GetString());
        Assert.Equal(ours.Id, arrived.GetProperty("handedOverBy").GetString());
    }

    [Fact]
    public async Task What_js_sends_to_one_and_advertises_to_the_other_both_get()
    {
        // js keeps one of us in its mesh and sends to nobody else.
        await using var js = await GossipPeer.StartJsAsync(gossip: new { D = 1, Dlo = 1, Dhi = 1, Dout = 0, Dscore = 0 });
        await using var a = await GossipPeer.StartAsync();
        await using var b = await GossipPeer.StartAsync();
        await a.MeshAsync(js, Dialer.Ours);
        await b.ConnectAsync(js, Dialer.Ours);
        await b.UntilAsync(js, p => p.Topics.Contains(GossipPeer.Topic));
        await js.EventAsync("subscription", e => e.GetProperty("peer").GetString() == b.Id);

        // Grafts and prunes settle within a few heartbeats.
        string text;
        int recipients;
        int attempt = 0;
        do
        {
            await js.CallAsync("heartbeat");
            text = $"attempt {attempt++}";
            var published = await js.CallAsync(
                "publish", new { topic = GossipPeer.Topic, data = Encoding.UTF8.GetBytes(text) });
            recipients = published.GetProperty("recipients").GetArrayLength();
        }
        while (recipients != 1);

        await a.UntilTextAsync(text);
        await b.UntilTextAsync(text);
    }

    [Fact]
    public async Task What_we_send_to_one_and_advertise_to_the_other_both_get()
    {
        await using var a = await GossipPeer.StartJsAsync();
        await using var b = await GossipPeer.StartJsAsync();
        await using var ours = await GossipPeer.StartAsync(o => o with
        {
            Gossipsub = o.Gossipsub with { MeshDegree = 1, MeshDegreeLow = 1, MeshDegreeHigh = 1, MeshDegreeOutbound = 0 },
        });
        await ours.MeshAsync(a, Dialer.Js);
        await ours.ConnectAsync(b, Dialer.Js);
        await b.CallAsync("subscribe", new { topic = GossipPeer.Topic });
        await ours.UntilAsync(b, p => p.Topics.Contains(GossipPeer.Topic));

        var outcome = await ours.PublishAsync("advertised");

        Assert.Equal(1, outcome.Sent + outcome.Queued);
        Assert.Equal("advertised", Text(await a.EventAsync("message")));
        Assert.Equal("advertised", Text(await b.EventAsync("message")));
    }

    private static async Task JudgeAsync(VerifierAttachment verifier)
    {
        await foreach (var message in verifier.ReadAllAsync(Pair.Deadline))
        {
            string text = Encoding.UTF8.GetString(message.Data.Span);
            var verdict = text.StartsWith("ignore", StringComparison.Ordinal) ? Verdict.Ignore
                : text.StartsWith("reject", StringComparison.Ordinal) ? Verdict.Reject
                : Verdict.Accept;
            Assert.True(verifier.Report(message.Topic, message.MessageId, verdict));
        }
    }

    private static string Text(JsonElement message) => Encoding.UTF8.GetString(message.GetProperty("data").GetBytesFromBase64());
}
