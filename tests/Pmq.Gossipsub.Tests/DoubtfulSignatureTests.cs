using Pmq.Core.Identity;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>Signatures that only our own acceptance rule refuses.</summary>
public sealed class DoubtfulSignatureTests
{
    [Fact]
    public void Doubtful_signatures_are_forgiven_a_few_times_in_each_heartbeat()
    {
        GossipsubOptions options = new()
        {
            DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default),
            MaxDoubtfulSignatures = 2,
        };
        RouterHarness router = new(options);
        router.Join("t");
        GossipPeer peer = router.AddPeer("t");
        for (int i = 0; i < 4; i++)
        {
            Doubt(router, peer, $"{i}");
        }

        Assert.Equal(2, router.Penalties(peer, Misbehaviour.InvalidSignature));
        Assert.Equal(4, router.Router.Counters.Drops(MessageDrop.SignatureNotCanonical));

        router.Heartbeat();
        Doubt(router, peer, "next");
        Assert.Equal(2, router.Penalties(peer, Misbehaviour.InvalidSignature));
    }

    private static void Doubt(RouterHarness router, GossipPeer peer, string data)
    {
        MessageComposer author = new(router.Options, TestPeers.Key(5));
        author.TryCompose("t", System.Text.Encoding.UTF8.GetBytes(data), 1, out GossipMessage? message);
        router.Receive(peer, new RpcBuilder().Publish(message!));
        router.Signature(router.Verifying.Last(), SignatureVerdict.NotCanonical);
    }
}
