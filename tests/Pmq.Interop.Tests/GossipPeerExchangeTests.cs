using System.Text.Json;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Scoring;
using Pmq.Testing.Peers;

namespace Pmq.Interop.Tests;

/// <summary>
/// Peer exchange with js, both ways: who is turned away from a full mesh is told of its members, with their signed
/// records, and connects to them.
/// </summary>
public sealed class GossipPeerExchangeTests
{
    // Who has only just come has no standing to be believed by.
    private const int AcceptFrom = 0;

    [Fact]
    public async Task Turned_away_by_js_we_connect_to_the_peers_that_it_names()
    {
        await using var hub = await GossipPeer.StartJsAsync(
            gossip: new { doPX = true, rpcs = true, D = 2, Dlo = 1, Dhi = 2, Dout = 0, Dscore = 0 });
        await using var first = await GossipPeer.StartJsAsync();
        await using var second = await GossipPeer.StartJsAsync();
        await FillAsync(hub, first, second);
        await using var ours = await GossipPeer.StartAsync(o => o with
        {
            Gossipsub = o.Gossipsub with
            {
                Scoring = PeerScoreOptions.Default with { Thresholds = new ScoreThresholds { AcceptPeerExchange = AcceptFrom } },
            },
        });

        await ours.ConnectAsync(hub, Dialer.Ours);

        // We dialed nobody but the hub, and they have not heard of us.
        await ours.UntilAsync(first, p => p.Topics.Contains(GossipPeer.Topic));
        await ours.UntilAsync(second, p => p.Topics.Contains(GossipPeer.Topic));
    }

    [Fact]
    public async Task Turned_away_by_us_js_connects_to_the_peers_that_we_name()
    {
        await using var ours = await GossipPeer.StartAsync(o => o with
        {
            Gossipsub = o.Gossipsub with
            {
                PeerExchange = true,
                MeshDegree = 2,
                MeshDegreeLow = 1,
                MeshDegreeHigh = 2,
                MeshDegreeOutbound = 0,
            },
        });
        await using var first = await GossipPeer.StartJsAsync();
        await using var second = await GossipPeer.StartJsAsync();
        await ours.MeshAsync(first, Dialer.Js);
        await ours.MeshAsync(second, Dialer.Js);
        await using var newcomer = await GossipPeer.StartJsAsync(
            gossip: new { rpcs = true, scoreThresholds = new { acceptPXThreshold = AcceptFrom } });

        await newcomer.CallAsync("subscribe", new { topic = GossipPeer.Topic });
        await ours.ConnectAsync(newcomer, Dialer.Js);

        await newcomer.EventAsync("connectionOpen", e => e.GetProperty("peer").GetString() == first.PeerId);
        await newcomer.EventAsync("connectionOpen", e => e.GetProperty("peer").GetString() == second.PeerId);
        var told = await newcomer.EventAsync("rpc", rpc => Told(rpc).Any());
        Assert.Equal(
            new[] { first.PeerId, second.PeerId }.Order(), Told(told).Select(p => p.GetProperty("peer").GetString()!).Order());
        foreach (JsonElement peer in Told(told))
        {
            AssertRecordOf(peer);
        }
    }

    private static void AssertRecordOf(JsonElement told)
    {
        PeerRecord? record = PeerRecord.TryOpen(told.GetProperty("record").GetBytesFromBase64());
        Assert.NotNull(record);
        Assert.Equal(told.GetProperty("peer").GetString(), record.Peer.ToString());
        Assert.NotEmpty(record.Addresses);
    }

    private static IEnumerable<JsonElement> Told(JsonElement rpc) =>
        rpc.GetProperty("prune").EnumerateArray().SelectMany(p => p.GetProperty("peers").EnumerateArray());

    private static async Task FillAsync(JsPeer hub, params JsPeer[] members)
    {
        await hub.CallAsync("subscribe", new { topic = GossipPeer.Topic });
        foreach (var member in members)
        {
            await member.CallAsync("dial", new { address = hub.Address });
            await member.CallAsync("subscribe", new { topic = GossipPeer.Topic });
        }

        await hub.CallAsync("awaitMesh", new { topic = GossipPeer.Topic, peers = members.Length });
    }
}
