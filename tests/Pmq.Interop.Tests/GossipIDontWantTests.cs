using System.Security.Cryptography;
using System.Text.Json;
using Pmq.Engine;
using Pmq.Gossipsub;
using Pmq.Testing.Peers;

namespace Pmq.Interop.Tests;

/// <summary>
/// IDONTWANT with js, both ways. In each test a js peer publishes to us and, where the test says so, to a second js peer
/// that is in our mesh as well.
/// </summary>
public sealed class GossipIDontWantTests
{
    // Above the thresholds of both sides, and below both.
    private const int Large = 4096;
    private const int Small = 400;

    private const string Other = "other";

    [Fact]
    public async Task js_is_told_what_we_have_before_it_is_sent_anything_and_its_publisher_is_not()
    {
        await using var ours = await GossipPeer.StartAsync(o => o with { Validation = ValidationMode.Required });
        await using var verifier = ours.Peer.AttachVerifier(new VerifierOptions { Name = "test" });
        await using var publisher = await GossipPeer.StartJsAsync(gossip: new { rpcs = true });
        await using var neighbour = await GossipPeer.StartJsAsync(gossip: new { rpcs = true });
        await ours.MeshAsync(publisher, Dialer.Js);
        await ours.MeshAsync(neighbour, Dialer.Ours);

        await PublishAsync(publisher, RandomNumberGenerator.GetBytes(Small));
        string id = await PublishAsync(publisher, RandomNumberGenerator.GetBytes(Large));
        await foreach (var asked in verifier.ReadAllAsync(Pair.Deadline))
        {
            verifier.Report(asked.Topic, asked.MessageId, Verdict.Accept);
            if (asked.MessageId == id)
            {
                break;
            }
        }

        var message = await neighbour.EventAsync("message", e => e.GetProperty("messageId").GetString() == id);
        Assert.Equal(ours.Id, message.GetProperty("handedOverBy").GetString());
        IReadOnlyList<JsonElement> rpcs = neighbour.EventsSoFar("rpc");
        string told = Assert.Single(rpcs.SelectMany(rpc => Texts(rpc, "idontwant")));
        Assert.Equal(id, told);
        Assert.True(
            IndexOf(rpcs, "idontwant", id) <= IndexOf(rpcs, "messages", id), "the message came before the IDONTWANT");
        Assert.DoesNotContain(publisher.EventsSoFar("rpc"), rpc => Texts(rpc, "idontwant").Any());
    }

    [Theory]
    [InlineData(Large, 0)]
    [InlineData(Small, 1)]
    public async Task js_does_not_send_us_what_we_told_it_that_we_have(int bytes, int copies)
    {
        await using var ours = await GossipPeer.StartAsync(o => o with
        {
            Topics = [GossipPeer.Topic, Other],
            TopicSettings = new Dictionary<string, TopicOptions>
            {
                [GossipPeer.Topic] = new() { Validation = ValidationMode.Required },
            },
        });
        await using var verifier = ours.Peer.AttachVerifier(new VerifierOptions { Name = "test" });
        await using var publisher = await GossipPeer.StartJsAsync();
        await using var neighbour = await GossipPeer.StartJsAsync();
        await TriangleAsync(ours, publisher, neighbour);

        // The neighbour passes it on only after a while: long enough for our IDONTWANT to come, and less than js keeps
        // it, five heartbeats.
        await neighbour.CallAsync("validate", new { topic = GossipPeer.Topic, milliseconds = 500 });
        string id = await PublishAsync(publisher, RandomNumberGenerator.GetBytes(bytes));
        var asked = await verifier.ReadAllAsync(Pair.Deadline).FirstAsync();
        verifier.Report(asked.Topic, asked.MessageId, Verdict.Accept);
        await neighbour.EventAsync("message", e => e.GetProperty("messageId").GetString() == id);

        // What js sends next on the same stream comes behind the copy, if it sent one.
        await neighbour.CallAsync("publish", new { topic = Other, data = "next"u8.ToArray() });
        await ours.UntilTextAsync("next");
        Assert.Equal(copies, ours.Peer.Driver.Counters.Drops(MessageDrop.DuplicateSeen));
    }

    [Theory]
    [InlineData(Large, false)]
    [InlineData(Small, true)]
    public async Task We_do_not_send_js_what_it_told_us_that_it_has(int bytes, bool isSent)
    {
        await using var ours = await GossipPeer.StartAsync(o => o with { Validation = ValidationMode.Required });
        await using var publisher = await GossipPeer.StartJsAsync();
        await using var neighbour = await GossipPeer.StartJsAsync(gossip: new { rpcs = true });
        await TriangleAsync(ours, publisher, neighbour);
        await neighbour.CallAsync("validate", new { topic = GossipPeer.Topic, milliseconds = 2000 });
        await using var verifier = ours.Peer.AttachVerifier(new VerifierOptions { Name = "test" });

        string id = await PublishAsync(publisher, RandomNumberGenerator.GetBytes(bytes));
        var asked = await verifier.ReadAllAsync(Pair.Deadline).FirstAsync();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!isSent && ours.Peer.Driver.Counters.IDontWantIds == 0)
        {
            await pace.WaitForNextTickAsync(Pair.Deadline);
        }

        verifier.Report(asked.Topic, asked.MessageId, Verdict.Accept);
        Assert.Equal(id, (await ours.NextAsync()).MessageId);

        var next = await ours.PublishAsync("next");
        await neighbour.EventAsync("rpc", rpc => Texts(rpc, "messages").Contains(next.MessageId));
        Assert.Equal(
            isSent,
            neighbour.EventsSoFar("rpc").Any(
                rpc => rpc.GetProperty("peer").GetString() == ours.Id && Texts(rpc, "messages").Contains(id)));
    }

    private static async Task TriangleAsync(GossipPeer ours, JsPeer publisher, JsPeer neighbour)
    {
        await ours.MeshAsync(publisher, Dialer.Js);
        await ours.MeshAsync(neighbour, Dialer.Ours);
        await publisher.CallAsync("dial", new { address = neighbour.Address });
        await publisher.CallAsync("awaitMesh", new { topic = GossipPeer.Topic, peers = 2 });
        await neighbour.CallAsync("awaitMesh", new { topic = GossipPeer.Topic, peers = 2 });
    }

    private static async Task<string> PublishAsync(JsPeer js, byte[] data)
    {
        await js.CallAsync("publish", new { topic = GossipPeer.Topic, data });
        return Convert.ToHexStringLower(SHA256.HashData(data).AsSpan(0, 20));
    }

    private static int IndexOf(IReadOnlyList<JsonElement> rpcs, string kind, string id) =>
        rpcs.ToList().FindIndex(rpc => Texts(rpc, kind).Contains(id));

    private static IEnumerable<string> Texts(JsonElement rpc, string kind) =>
        rpc.GetProperty(kind).EnumerateArray().Select(e => e.GetString()!);
}
