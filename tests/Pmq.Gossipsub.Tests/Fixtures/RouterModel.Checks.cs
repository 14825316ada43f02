using Pmq.Core.Hosting;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;

namespace Pmq.Gossipsub.Tests.Fixtures;

// What must be true of the router by its effects alone.
internal sealed partial class RouterModel
{
    public void Check()
    {
        foreach (string topic in TopicNames)
        {
            CheckTopic(topic);
        }

        Assert.InRange(Router.WantedCount, 0, 10);
        Assert.InRange(Router.SeenCount, 0, 30);
        Assert.InRange(Router.HistoryBytes, 0, 4000);
        Assert.InRange(Router.HistoryCount, 0, 30);
        Assert.InRange(Router.UnwantedCount, 0, 12 * 15 * 3); // Peers, ids a heartbeat, heartbeats.
        Assert.Equal(_peers.OrderBy(peer => peer.Id), Router.Peers);
        Assert.All(_peers, peer =>
        {
            // Two, and those of the model's three that we had joined then.
            Assert.InRange(Router.TopicsOf(peer).Count, 0, 5);
            double score = Router.ScoreOf(peer);
            Assert.True(double.IsFinite(score));
            PeerScoreView? view = Router.ExplainScore(peer.Id, _harness.Now);
            Assert.Equal(score, view?.Total ?? 0);
        });
    }

    private void CheckTopic(string topic)
    {
        IReadOnlyList<GossipPeer> mesh = Router.MeshOf(topic);
        Assert.Equal(_mesh.Where(m => m.Item1 == topic).Select(m => m.Item2).OrderBy(p => p.Id), mesh);
        Assert.True(Router.IsJoined(topic) || mesh.Count == 0);
        Assert.All(mesh, peer =>
        {
            Assert.False(peer.IsRemoved);
            Assert.False(peer.IsDirect);
            Assert.False(peer.IsSuspended);
            Assert.NotEqual(PubsubProtocol.Floodsub, peer.Protocol);
            Assert.Contains(topic, Router.TopicsOf(peer));
        });

        // Only peers that we dialed get in beyond D_high.
        Assert.True(mesh.Count(p => p.Direction == ConnectionDirection.Inbound) <= 5);
        Assert.InRange(Router.FanoutOf(topic).Count, 0, 3);
        Assert.DoesNotContain(Router.FanoutOf(topic), peer => peer.IsDirect || peer.IsRemoved || peer.IsSuspended);
        Assert.InRange(Router.PendingOf(topic), 0, 4);
        Assert.Equal(_outstanding.Count(m => m.Topic == topic), Router.PendingOf(topic));
    }

    // A heartbeat has just been.
    private void CheckHeartbeat()
    {
        foreach (string topic in TopicNames)
        {
            Assert.All(Router.MeshOf(topic), peer => Assert.True(Router.ScoreOf(peer) >= 0));
        }

        foreach (GossipPeer peer in _peers.Where(peer => Router.ScoreOf(peer) < -5 && !peer.IsDirect))
        {
            SentRpc sent = _harness.SentTo(peer);
            Assert.Empty(sent.IHaves);
        }
    }

    private void Observe()
    {
        foreach (Effect effect in _harness.Effects)
        {
            switch (effect.Kind)
            {
                case EffectKind.Grafted:
                    Assert.True(_mesh.Add((effect.Topic, effect.Peer)));
                    break;
                case EffectKind.Pruned:
                    Assert.True(_mesh.Remove((effect.Topic, effect.Peer)));
                    break;
                case EffectKind.Validate or EffectKind.VerifySignature:
                    _outstanding.Add(effect.Message);
                    break;
                case EffectKind.SendMessage or EffectKind.SendControl or EffectKind.Cancel:
                    Assert.False(effect.Peer.IsRemoved);
                    Assert.False(
                        effect is { Kind: EffectKind.SendMessage, SendClass: not SendClass.IwantAnswer }
                        && effect.Peer.IsSuspended);
                    break;
                case EffectKind.Connect:
                    Assert.DoesNotContain(_peers, peer => peer.Id.Equals(effect.Target.Peer));
                    break;
            }
        }

        Assert.InRange(_harness.Connecting.Count(target => !target.IsDirect), 0, 4);

        // What was superseded waits no more.
        _outstanding.RemoveAll(message => message.State == MessageState.None);
        foreach (GossipPeer peer in _peers)
        {
            SentRpc sent = _harness.SentTo(peer);
            Assert.True(peer.Protocol != PubsubProtocol.Floodsub || sent.Grafts.Count + sent.IHaves.Count == 0);
            Assert.True(peer.Protocol >= PubsubProtocol.Meshsub12 || sent.IDontWants.Count == 0);
            Assert.All(sent.ExchangedPeers, told => Assert.NotEqual(peer.Id, told.Id));
        }
    }
}
