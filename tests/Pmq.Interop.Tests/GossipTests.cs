using System.Security.Cryptography;
using System.Text;
using Pmq.Engine;
using Pmq.Gossipsub;
using Pmq.Testing.Peers;

namespace Pmq.Interop.Tests;

/// <summary>Gossip with js both ways: sizes, policies, versions, subscriptions.</summary>
public sealed class GossipTests
{
    private static readonly int[] Sizes = [1, 1024, 64 * 1024, 1_000_000];

    [Theory]
    [InlineData(SignaturePolicy.StrictNoSign, Dialer.Ours)]
    [InlineData(SignaturePolicy.StrictNoSign, Dialer.Js)]
    [InlineData(SignaturePolicy.StrictSign, Dialer.Ours)]
    [InlineData(SignaturePolicy.StrictSign, Dialer.Js)]
    public async Task Messages_of_1_to_1_000_000_bytes_pass_both_ways_at_defaults(SignaturePolicy policy, Dialer dialer)
    {
        await using var js = await GossipPeer.StartJsAsync(policy);
        await using var ours = await GossipPeer.StartAsync(o => o with { SignaturePolicy = policy });
        await ours.MeshAsync(js, dialer);

        foreach (int size in Sizes)
        {
            await AssertToJsAsync(ours, js, RandomNumberGenerator.GetBytes(size), policy);
            await AssertFromJsAsync(ours, js, RandomNumberGenerator.GetBytes(size), policy);
        }
    }

    [Theory]
    [InlineData(SignaturePolicy.StrictNoSign, Dialer.Ours)]
    [InlineData(SignaturePolicy.StrictSign, Dialer.Js)]
    public async Task A_mebibyte_passes_both_ways_when_maxMessageSize_is_2_MiB(SignaturePolicy policy, Dialer dialer)
    {
        await using var js = await GossipPeer.StartJsAsync(policy);
        await using var ours = await GossipPeer.StartAsync(
            o => o with { SignaturePolicy = policy, MaxMessageSize = 2 * 1024 * 1024 });
        await ours.MeshAsync(js, dialer);

        await AssertToJsAsync(ours, js, RandomNumberGenerator.GetBytes(1024 * 1024), policy);
        await AssertFromJsAsync(ours, js, RandomNumberGenerator.GetBytes(1024 * 1024), policy);
    }

    [Fact]
    public async Task A_js_peer_that_sends_more_than_our_maxMessageSize_is_refused_by_name_and_may_come_again()
    {
        await using var js = await GossipPeer.StartJsAsync();
        await using var ours = await GossipPeer.StartAsync();
        await ours.MeshAsync(js, Dialer.Ours);

        await js.CallAsync("publish", new { topic = GossipPeer.Topic, data = new byte[2 * 1024 * 1024] });
        await ours.Logs.Lines.TakeAsync(l => l.Contains("TooLarge", StringComparison.Ordinal));
        await js.EventAsync("connectionClose");

        await ours.ConnectAsync(js, Dialer.Js);
        await ours.UntilAsync(js, p => p.MeshTopics.Contains(GossipPeer.Topic));
        await AssertToJsAsync(ours, js, "again"u8.ToArray(), SignaturePolicy.StrictNoSign);
    }

    [Theory]
    [InlineData("/meshsub/1.2.0")]
    [InlineData("/meshsub/1.1.0")]
    [InlineData("/meshsub/1.0.0")]
    public async Task Each_version_of_gossipsub_is_spoken_with_a_peer_that_speaks_no_later_one(string protocol)
    {
        string[] ladder = ["/meshsub/1.0.0", "/meshsub/1.1.0", "/meshsub/1.2.0"];
        string[] protocols = [.. ladder[..(Array.IndexOf(ladder, protocol) + 1)].Reverse()];
        await using var js = await GossipPeer.StartJsAsync(gossip: new { protocols });
        await using var ours = await GossipPeer.StartAsync();
        await ours.MeshAsync(js, Dialer.Ours);

        var known = await ours.UntilAsync(js, p => p.PubsubProtocol.Length > 0);
        Assert.Equal(protocol, known.PubsubProtocol);
        await AssertToJsAsync(ours, js, "to js"u8.ToArray(), SignaturePolicy.StrictNoSign);
        await AssertFromJsAsync(ours, js, "from js"u8.ToArray(), SignaturePolicy.StrictNoSign);
    }

    [Fact]
    public async Task A_js_peer_that_speaks_floodsub_only_is_sent_and_heard_everything()
    {
        await using var js = await GossipPeer.StartJsAsync(
            gossip: new { protocols = new[] { "/floodsub/1.0.0" }, fallbackToFloodsub = true, floodPublish = true });
        await using var ours = await GossipPeer.StartAsync();
        await ours.ConnectAsync(js, Dialer.Ours);
        await js.CallAsync("subscribe", new { topic = GossipPeer.Topic });
        await ours.UntilAsync(js, p => p.Topics.Contains(GossipPeer.Topic));

        await AssertToJsAsync(ours, js, "to js"u8.ToArray(), SignaturePolicy.StrictNoSign);
        await AssertFromJsAsync(ours, js, "from js"u8.ToArray(), SignaturePolicy.StrictNoSign);
    }

    [Theory]
    [InlineData(SignaturePolicy.StrictSign)]
    [InlineData(SignaturePolicy.StrictNoSign)]
    public async Task A_peer_of_the_other_policy_is_not_heard_and_one_of_ours_is(SignaturePolicy ourPolicy)
    {
        var other = ourPolicy == SignaturePolicy.StrictSign ? SignaturePolicy.StrictNoSign : SignaturePolicy.StrictSign;
        await using var stranger = await GossipPeer.StartJsAsync(other);
        await using var friend = await GossipPeer.StartJsAsync(ourPolicy);
        await using var ours = await GossipPeer.StartAsync(o => o with { SignaturePolicy = ourPolicy });
        await ours.MeshAsync(stranger, Dialer.Ours);
        await ours.MeshAsync(friend, Dialer.Ours);

        await PublishAsync(stranger, "of the other policy");
        await PublishAsync(friend, "of our policy");
        await ours.PublishAsync("of ours");

        // The stranger's came first or never: what is delivered first tells.
        Assert.Equal("of our policy", Text(await ours.NextAsync()));
        var heard = await friend.EventAsync("message");
        Assert.Equal("of ours"u8.ToArray(), heard.GetProperty("data").GetBytesFromBase64());
        await AssertFromJsAsync(ours, friend, "the last"u8.ToArray(), ourPolicy);
        Assert.Empty(stranger.EventsSoFar("message"));
    }

    [Fact]
    public async Task Topics_with_policies_of_their_own_are_spoken_each_by_its_own()
    {
        await using var signing = await GossipPeer.StartJsAsync(SignaturePolicy.StrictSign);
        await using var ours = await GossipPeer.StartAsync(o => o with
        {
            TopicSettings = new Dictionary<string, TopicOptions>
            {
                [GossipPeer.Topic] = new() { SignaturePolicy = SignaturePolicy.StrictSign },
            },
        });
        await ours.MeshAsync(signing, Dialer.Js);

        await AssertToJsAsync(ours, signing, "signed"u8.ToArray(), SignaturePolicy.StrictSign);
        await AssertFromJsAsync(ours, signing, "signed too"u8.ToArray(), SignaturePolicy.StrictSign);
    }

    [Fact]
    public async Task The_same_data_again_is_a_duplicate_on_both_sides()
    {
        await using var js = await GossipPeer.StartJsAsync();
        await using var ours = await GossipPeer.StartAsync();
        await ours.MeshAsync(js, Dialer.Ours);

        await AssertFromJsAsync(ours, js, "once"u8.ToArray(), SignaturePolicy.StrictNoSign);
        Assert.True((await ours.PublishAsync("once")).IsDuplicate);

        await AssertToJsAsync(ours, js, "once more"u8.ToArray(), SignaturePolicy.StrictNoSign);
        var again = await Assert.ThrowsAsync<ScriptedPeerException>(() => PublishAsync(js, "once more"));
        Assert.Contains("duplicate", again.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Joining_and_leaving_is_seen_on_both_sides()
    {
        await using var js = await GossipPeer.StartJsAsync();
        await using var ours = await GossipPeer.StartAsync(o => o with { Topics = [] });
        await ours.ConnectAsync(js, Dialer.Js);

        await ours.Peer.SubscribeAsync(GossipPeer.Topic, Pair.Deadline);
        await js.EventAsync("subscription", e => Says(e, subscribe: true));
        await js.CallAsync("subscribe", new { topic = GossipPeer.Topic });
        await ours.UntilAsync(js, p => p.MeshTopics.Contains(GossipPeer.Topic));

        await ours.Peer.UnsubscribeAsync(GossipPeer.Topic, Pair.Deadline);
        await js.EventAsync("subscription", e => Says(e, subscribe: false));
        await js.EventAsync("prune", e => e.GetProperty("topic").GetString() == GossipPeer.Topic);
        await js.CallAsync("unsubscribe", new { topic = GossipPeer.Topic });
        await ours.UntilAsync(js, p => p.Topics.Count == 0);

        static bool Says(System.Text.Json.JsonElement e, bool subscribe) => e.GetProperty("subscriptions").EnumerateArray()
            .Any(s => s.GetProperty("topic").GetString() == GossipPeer.Topic && s.GetProperty("subscribe").GetBoolean() == subscribe);
    }

    [Fact]
    public async Task Ten_thousand_messages_of_1_KiB_in_a_row_arrive_both_ways()
    {
        const int Count = 10_000;
        const int Batch = 1000;
        await using var js = await GossipPeer.StartJsAsync();
        await using var ours = await GossipPeer.StartAsync();
        await ours.MeshAsync(js, Dialer.Ours);

        var publishing = js.CallAsync("publishMany", new { topic = GossipPeer.Topic, count = Count, bytes = 1024 });
        for (int i = 0; i < Count; i++)
        {
            var message = await ours.NextAsync();
            Assert.Equal(i, System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(message.Data.Span));
        }

        await publishing;
        for (int i = 0; i < Count; i++)
        {
            byte[] data = new byte[1024];
            BitConverter.TryWriteBytes(data.AsSpan(512), i + 1);
            var outcome = await ours.PublishAsync(data);
            Assert.Equal(0, outcome.Dropped);
            if (i % Batch == Batch - 1)
            {
                // One stream keeps the order: this one is there when all before it are.
                await js.EventAsync("message", e => e.GetProperty("messageId").GetString() == outcome.MessageId);
            }
        }

        Assert.Equal(Count, js.EventsSoFar("message").Count);
    }

    private static async Task AssertToJsAsync(GossipPeer ours, JsPeer js, byte[] data, SignaturePolicy policy)
    {
        var outcome = await ours.PublishAsync(data);
        Assert.Equal((1, 0, false), (outcome.Sent + outcome.Queued, outcome.Dropped, outcome.IsDuplicate));

        var message = await js.EventAsync("message", e => e.GetProperty("messageId").GetString() == outcome.MessageId);
        Assert.Equal(IdOf(data), outcome.MessageId);
        Assert.Equal(data, message.GetProperty("data").GetBytesFromBase64());
        Assert.Equal(ours.Id, message.GetProperty("handedOverBy").GetString());
        if (policy == SignaturePolicy.StrictSign)
        {
            Assert.Equal(ours.Id, message.GetProperty("author").GetString());
        }
        else
        {
            Assert.Equal("unsigned", message.GetProperty("type").GetString());
        }
    }

    private static async Task AssertFromJsAsync(GossipPeer ours, JsPeer js, byte[] data, SignaturePolicy policy)
    {
        var published = await js.CallAsync("publish", new { topic = GossipPeer.Topic, data });
        Assert.Contains(ours.Id, published.GetProperty("recipients").EnumerateArray().Select(r => r.GetString()));

        var message = await ours.NextAsync();
        Assert.Equal(data, message.Data.ToArray());
        Assert.Equal(IdOf(data), message.MessageId);
        Assert.Equal(js.PeerId, message.ReceivedFrom.ToString());
        Assert.Equal(policy == SignaturePolicy.StrictSign ? js.PeerId : null, message.Author?.ToString());
    }

    private static async Task PublishAsync(JsPeer js, string text) =>
        await js.CallAsync("publish", new { topic = GossipPeer.Topic, data = Encoding.UTF8.GetBytes(text) });

    private static string Text(ReceivedMessage message) => Encoding.UTF8.GetString(message.Data.Span);

    private static string IdOf(byte[] data) => Convert.ToHexStringLower(SHA256.HashData(data).AsSpan(0, 20));
}
