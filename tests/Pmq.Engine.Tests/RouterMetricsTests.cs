namespace Pmq.Engine.Tests;

/// <summary>Scores, meshes and what is spared can be read, and no peer is named.</summary>
public sealed class RouterMetricsTests
{
    private const string Topic = "t";

    [Fact]
    public async Task Scores_and_meshes_are_shown_by_band_and_topic_after_a_heartbeat()
    {
        using var factory = new OwnMeterFactory();
        PmqPeerOptions options = new()
        {
            ListenAddresses = [PeerHarness.MemoryAddress()],
            Topics = [Topic],
            Validation = ValidationMode.None,
        };
        await using PmqPeer a = await PeerHarness.StartAsync(options with { MeterFactory = factory });
        await using PmqPeer b = await PeerHarness.StartAsync(
            options with { ListenAddresses = [], Peers = a.ListenAddresses });
        await a.MeshAsync(Topic, 1);

        await PeerHarness.Eventually(
            () => new(Level(factory, "pmq.gossipsub.mesh.size topic=t") == 1), "the mesh to be shown");
        Assert.Equal(1, Level(factory, "pmq.gossipsub.peer.count band=ok"));
        Assert.Equal(0, Level(factory, "pmq.gossipsub.peer.count band=graylisted"));

        await a.SetApplicationScoreAsync(b.LocalPeer, -1000, PeerHarness.Deadline);

        await PeerHarness.Eventually(
            () => new(Level(factory, "pmq.gossipsub.peer.count band=graylisted") == 1), "the band to be shown");
        await PeerHarness.Eventually(
            () => new(Level(factory, "pmq.gossipsub.mesh.size topic=t") == 0), "the mesh to be left");
        Dictionary<string, double> read = factory.Read();
        Assert.Equal(0, Level(factory, "pmq.gossipsub.peer.count band=ok"));
        Assert.InRange(read["pmq.gossipsub.prune event=sent"], 1, 100);
        foreach (string name in new[]
        {
            "pmq.gossipsub.score", "pmq.gossipsub.promise.count", "pmq.gossipsub.score.retained",
            "pmq.gossipsub.iwant.sent", "pmq.gossipsub.idontwant.saved",
            "pmq.gossipsub.px.peers.taken", "pmq.gossipsub.control.over_limit kind=ihave_id",
        })
        {
            Assert.Contains(read.Keys, key => key == name);
        }

        Assert.DoesNotContain(read.Keys, key => key.Contains(b.LocalPeer.ToString(), StringComparison.Ordinal));
    }

    private static double Level(OwnMeterFactory factory, string name) => factory.Read().GetValueOrDefault(name, -1);
}
