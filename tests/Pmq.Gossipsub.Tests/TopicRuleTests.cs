using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>Topics with numbers of their own.</summary>
public sealed class TopicRuleTests
{
    [Fact]
    public void The_mesh_parameters_of_a_topic_are_its_own()
    {
        RouterHarness router = new(With(new MeshParameters { Degree = 2, DegreeHigh = 4, GossipDegree = 1 }));
        router.Join("small");
        router.Join("usual");
        GossipPeer[] peers = router.AddPeers(12, "small");
        foreach (GossipPeer peer in peers)
        {
            router.Receive(peer, new RpcBuilder().Subscribe("usual"));
        }

        Assert.Equal(2, router.Router.MeshOf("small").Count);
        Assert.Equal(6, router.Router.MeshOf("usual").Count);
        router.Heartbeat();
        router.Publish("small", "m");
        router.Take();
        router.Heartbeat();
        Assert.Equal(2, peers.Count(peer => router.SentTo(peer).IHaves.Exists(i => i.Topic == "small"))); // ¼ of 10

        foreach (GossipPeer peer in peers)
        {
            router.Receive(peer, new RpcBuilder().Graft("small").Graft("usual"));
        }

        router.Heartbeat();
        Assert.Equal(2, router.Router.MeshOf("small").Count);
        Assert.Equal(6, router.Router.MeshOf("usual").Count);
    }

    [Fact]
    public void The_mesh_parameters_of_a_topic_follow_the_same_rules() => Assert.Equal(
        "pubsub.topics.small.overlay.dlo is 3; it must be 0 to d (2).",
        Assert.Single(With(new MeshParameters { Degree = 2, DegreeLow = 3, DegreeOutbound = 0 }).Validate()).Message);

    private static GossipsubOptions With(MeshParameters mesh) => new()
    {
        Topics = new Dictionary<string, TopicRules>
        {
            ["small"] = new(SignaturePolicy.StrictNoSign, default, Mesh: mesh),
        },
    };
}
