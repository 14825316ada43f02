using Pmq.Core.Identity;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;
using static Pmq.Gossipsub.Tests.Scoring.ScoreBench;

namespace Pmq.Gossipsub.Tests.Scoring;

public sealed class TopicFactorTests
{
    [Fact]
    public void P1_counts_whole_quanta_in_the_mesh_up_to_the_cap()
    {
        RouterHarness router = Router(Silent with
        {
            Weight = 0.5,
            TimeInMeshWeight = 2,
            TimeInMeshQuantum = TimeSpan.FromSeconds(2),
            TimeInMeshCap = 3,
        });
        GossipPeer peer = router.AddPeer(Topic);
        Assert.True(router.IsInMesh(peer));

        router.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, router.Score(peer)); // The last heartbeat was at 1.1 s.
        router.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0.5 * 2 * 1, router.Score(peer));
        router.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0.5 * 2 * 3, router.Score(peer));
        Assert.Equal(3, router.ExplainTopic(peer).MeshTime.Value);
    }

    [Fact]
    public void P1_ends_with_the_place_in_the_mesh_and_a_new_GRAFT_begins_at_zero()
    {
        RouterHarness router = Router(Silent with
        {
            TimeInMeshWeight = 1,
            TimeInMeshQuantum = TimeSpan.FromSeconds(1),
            TimeInMeshCap = 100,
        });
        GossipPeer peer = router.AddPeer(Topic);
        router.Advance(TimeSpan.FromSeconds(10.2));
        Assert.Equal(10, router.Score(peer));

        router.Receive(peer, new RpcBuilder().Prune(Topic, 1));
        Assert.Equal(0, router.Score(peer));
        router.Advance(TimeSpan.FromSeconds(2));
        router.Receive(peer, new RpcBuilder().Graft(Topic));
        Assert.True(router.IsInMesh(peer));
        Assert.Equal(0, router.Score(peer));
    }

    [Fact]
    public void P2_counts_who_handed_over_an_accepted_message_first()
    {
        RouterHarness router = Router(Silent with { FirstMessageDeliveriesWeight = 3 });
        GossipPeer first = router.AddPeer(Topic);
        GossipPeer second = router.AddPeer(Topic);
        router.Send(first, "a");
        router.Send(second, "a");
        router.Judge(router.LastValidating(), Verdict.Accept);
        router.Send(second, "a");

        Assert.Equal(3, router.Score(first));
        Assert.Equal(0, router.Score(second));
    }

    [Theory]
    [InlineData(Verdict.Ignore)]
    [InlineData(Verdict.Reject)]
    public void P2_counts_nothing_that_was_not_accepted(Verdict verdict)
    {
        RouterHarness router = Router(Silent with { FirstMessageDeliveriesWeight = 3 });
        GossipPeer peer = router.AddPeer(Topic);
        router.SendJudged(peer, "a", verdict);

        Assert.Equal(0, router.Score(peer));
    }

    [Fact]
    public void P2_counts_outside_the_mesh_too()
    {
        RouterHarness router = Router(Silent with { FirstMessageDeliveriesWeight = 1 });
        GossipPeer peer = router.AddPeer();
        router.SendJudged(peer, "a", Verdict.Accept);

        Assert.Equal(1, router.Score(peer));
    }

    [Fact]
    public void P2_stops_at_the_cap_decays_and_ends_at_zero()
    {
        RouterHarness router = Router(Only(Silent with
        {
            FirstMessageDeliveriesWeight = 1,
            FirstMessageDeliveriesCap = 10,
            FirstMessageDeliveriesDecay = 0.5,
        }) with
        { DecayToZero = 0.1 });
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 25, Verdict.Accept);
        Assert.Equal(10, router.Score(peer));

        router.Heartbeat(2); // At 0.1 s no interval has ended, at 1.1 s one.
        Assert.Equal(5, router.Score(peer));
        router.Heartbeat(5);
        Assert.Equal(10 / 64.0, router.Score(peer), 12);
        router.Heartbeat();
        Assert.Equal(0, router.Score(peer));
    }

    [Fact]
    public void Several_intervals_that_end_between_two_heartbeats_all_decay()
    {
        RouterHarness router = Router(Silent with
        {
            FirstMessageDeliveriesWeight = 1,
            FirstMessageDeliveriesCap = 1000,
            FirstMessageDeliveriesDecay = 0.5,
        });
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 8, Verdict.Accept);
        router.Now = TimeSpan.FromSeconds(3);
        router.Router.Heartbeat(router.Now, new Effects.EffectList());

        Assert.Equal(1, router.Score(peer), 12);
    }

    [Fact]
    public void P3_punishes_the_square_of_what_lacks_once_it_is_active()
    {
        RouterHarness router = Router(MeshDeliveries);
        GossipPeer peer = router.AddPeer(Topic);
        router.Router.SetApplicationScore(peer.Id, 100); // It stays in the mesh.
        router.SendJudged(peer, "a", Verdict.Accept);
        router.Heartbeat();
        Assert.Equal(100, router.Score(peer));
        Assert.False(router.ExplainTopic(peer).IsMeshDeliveryActive);

        router.Heartbeat();
        Assert.True(router.ExplainTopic(peer).IsMeshDeliveryActive);
        Assert.Equal(100 - 9, router.Score(peer), 3);
        router.SendMany(peer, 3, Verdict.Accept);
        Assert.Equal(100, router.Score(peer), 3);
    }

    [Fact]
    public void P3_credits_a_copy_while_the_message_waits_and_within_the_window_but_not_later()
    {
        RouterHarness router = Router(MeshDeliveries);
        GossipPeer first = router.AddPeer(Topic);
        GossipPeer waiting = router.AddPeer(Topic);
        GossipPeer within = router.AddPeer(Topic);
        GossipPeer late = router.AddPeer(Topic);
        for (int i = 0; i < 4; i++)
        {
            router.Send(first, $"{i}");
            router.Send(waiting, $"{i}");
            router.Judge(router.LastValidating(), Verdict.Accept);
            router.Now += TimeSpan.FromMilliseconds(10);
            router.Send(within, $"{i}");
            router.Now += TimeSpan.FromTicks(1);
            router.Send(late, $"{i}");
        }

        router.Heartbeat(2);

        Assert.Equal([4, 4, 4, 0], new[] { first, waiting, within, late }.Select(Credit));
        Assert.Equal(0, router.Score(within), 3);
        Assert.Equal(-16, router.Score(late));

        double Credit(GossipPeer peer) =>
            Math.Round(router.Explain(peer).Topics is [var topic] ? topic.MeshMessageDeliveries.Value : -1, 3);
    }

    [Fact]
    public void P3_credits_a_peer_once_for_a_message_however_often_it_sends_it()
    {
        RouterHarness router = Router(MeshDeliveries);
        GossipPeer first = router.AddPeer(Topic);
        GossipPeer again = router.AddPeer(Topic);
        router.Send(first, "a");
        router.Send(first, "a");
        router.Send(again, "a");
        router.Send(again, "a");
        router.Judge(router.LastValidating(), Verdict.Accept);
        GossipPeer third = router.AddPeer(Topic);
        router.Send(first, "a");
        router.Send(again, "a");
        router.Send(third, "a");
        router.Send(third, "a");

        Assert.All(
            [first, again, third], peer => Assert.Equal(1, router.ExplainTopic(peer).MeshMessageDeliveries.Value));
    }

    [Fact]
    public void P3_credits_every_member_of_a_large_mesh()
    {
        GossipsubOptions options = new() { Scoring = Only(MeshDeliveries), MeshDegree = 40, QueueProtection = null };
        RouterHarness router = new(options);
        router.Join(Topic);
        GossipPeer[] peers = router.AddPeers(40, Topic);
        foreach (GossipPeer peer in peers)
        {
            router.Send(peer, "a");
        }

        router.Judge(router.LastValidating(), Verdict.Accept);

        Assert.All(peers, peer => Assert.Equal(1, router.ExplainTopic(peer).MeshMessageDeliveries.Value));
    }

    [Fact]
    public void P3_credits_nobody_outside_the_mesh()
    {
        RouterHarness router = Router(MeshDeliveries);
        GossipPeer member = router.AddPeer(Topic);
        GossipPeer stranger = router.AddPeer();
        router.SendJudged(stranger, "a", Verdict.Accept);
        router.Send(member, "b");
        router.Send(stranger, "b");
        router.Judge(router.LastValidating(), Verdict.Accept);

        Assert.DoesNotContain(router.Explain(stranger).Topics, topic => topic.MeshMessageDeliveries.Value != 0);
        Assert.Equal(1, router.ExplainTopic(member).MeshMessageDeliveries.Value);
    }

    [Fact]
    public void P3_credits_copies_of_our_own_publications_within_the_window()
    {
        RouterHarness router = Router(MeshDeliveries);
        GossipPeer peer = router.AddPeer(Topic);
        router.Publish(Topic, "a");
        router.Send(peer, "a");

        Assert.Equal(1, router.ExplainTopic(peer).MeshMessageDeliveries.Value);
    }

    [Theory]
    [InlineData(ValidationLoss.QueueFull)]
    [InlineData(ValidationLoss.Timeout)]
    [InlineData(ValidationLoss.VerifierLost)]
    public void P3_takes_what_we_lost_ourselves_as_handed_over_once(ValidationLoss loss)
    {
        RouterHarness router = Router(MeshDeliveries);
        GossipPeer first = router.AddPeer(Topic);
        GossipPeer second = router.AddPeer(Topic);
        GossipPeer silent = router.AddPeer(Topic);
        for (int i = 0; i < 4; i++)
        {
            router.Send(first, $"{i}");
            router.Send(second, $"{i}");
            router.Lose(router.LastValidating(), loss);
        }

        router.Heartbeat();
        foreach (GossipMessage again in router.Validating.Where(message => message.IsWaiting).ToArray())
        {
            router.Judge(again, Verdict.Accept); // After a timeout it is judged again, and counts then.
        }

        router.Heartbeat();
        Assert.Equal(4, router.ExplainTopic(first).MeshMessageDeliveries.Value, 3);
        Assert.Equal(4, router.ExplainTopic(second).MeshMessageDeliveries.Value, 3);
        Assert.Equal([0, 0, -16], new[] { first, second, silent }.Select(peer => Math.Round(router.Score(peer), 3)));
    }

    [Fact]
    public void P3_decays()
    {
        RouterHarness router = Router(MeshDeliveries with { MeshMessageDeliveriesDecay = 0.5 });
        GossipPeer peer = router.AddPeer(Topic);
        router.Router.SetApplicationScore(peer.Id, 100); // It stays in the mesh.
        router.SendMany(peer, 4, Verdict.Accept);
        router.Heartbeat(2);

        Assert.Equal(100 - 4, router.Score(peer));
    }

    [Fact]
    public void P3b_keeps_what_lacked_at_PRUNE_and_P3_ends()
    {
        RouterHarness router = Router(MeshDeliveries with
        {
            MeshMessageDeliveriesWeight = 0,
            MeshFailurePenaltyWeight = -2,
        });
        GossipPeer peer = router.AddPeer(Topic);
        router.SendJudged(peer, "a", Verdict.Accept);
        router.Heartbeat(2);
        Assert.Equal(0, router.Score(peer));

        router.Receive(peer, new RpcBuilder().Prune(Topic));

        Assert.Equal(-2 * 9, router.Score(peer), 3);
        Assert.False(router.ExplainTopic(peer).IsMeshDeliveryActive);
    }

    [Fact]
    public void P3b_counts_nothing_before_P3_is_active()
    {
        RouterHarness router = Router(MeshDeliveries);
        GossipPeer peer = router.AddPeer(Topic);
        router.Heartbeat();
        router.Receive(peer, new RpcBuilder().Prune(Topic));

        Assert.Equal(0, router.Score(peer));
    }

    [Fact]
    public void P3b_counts_also_when_the_peer_unsubscribes()
    {
        RouterHarness router = Router(MeshDeliveries);
        GossipPeer peer = router.AddPeer(Topic);
        router.Heartbeat(2);
        router.Receive(peer, new RpcBuilder().Subscribe(Topic, false));

        Assert.Equal(-16, router.Score(peer));
    }

    [Fact]
    public void P4_is_the_square_of_rejected_messages_and_decays()
    {
        RouterHarness router = Router(Silent with
        {
            InvalidMessageDeliveriesWeight = -1,
            InvalidMessageDeliveriesDecay = 0.5,
        });
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 1, Verdict.Reject);
        Assert.Equal(-1, router.Score(peer));
        router.SendMany(peer, 5, Verdict.Reject);
        Assert.Equal(-36, router.Score(peer));
        router.Heartbeat(2);
        Assert.Equal(-9, router.Score(peer));
    }

    [Fact]
    public void P4_counts_for_every_sender_of_a_copy_before_and_after_the_verdict()
    {
        RouterHarness router = Router(Silent with { InvalidMessageDeliveriesWeight = -1 });
        GossipPeer first = router.AddPeer(Topic);
        GossipPeer second = router.AddPeer(Topic);
        GossipPeer later = router.AddPeer(Topic);
        router.Send(first, "a");
        router.Send(second, "a");
        router.Judge(router.LastValidating(), Verdict.Reject);
        router.Send(later, "a");
        router.Send(second, "a");

        Assert.Equal([-1, -4, -1], new[] { first, second, later }.Select(router.Score));
    }

    [Fact]
    public void P4_counts_a_broken_signature_policy_and_a_wrong_signature_at_once()
    {
        TopicRules strict = new(SignaturePolicy.StrictSign, default);
        RouterHarness router = new(new GossipsubOptions
        {
            Scoring = Only(Silent with { InvalidMessageDeliveriesWeight = -1 }),
            Topics = new Dictionary<string, TopicRules> { [Topic] = strict },
        });
        router.Join(Topic);
        GossipPeer peer = router.AddPeer(Topic);
        router.Send(peer, "unsigned");
        Assert.Equal(-1, router.Score(peer));

        RouterHarness author = new(router.Options, identity: TestPeers.Key(5));
        router.Receive(peer, new RpcBuilder().Publish(author.Compose(Topic, "signed")));
        router.Signature(router.Verifying.Last(), SignatureVerdict.Invalid);
        Assert.Equal(-4, router.Score(peer));
    }

    [Theory]
    [InlineData(ValidationLoss.QueueFull)]
    [InlineData(ValidationLoss.Timeout)]
    [InlineData(ValidationLoss.VerifierLost)]
    public void A_local_fault_costs_nobody_anything(ValidationLoss loss)
    {
        RouterHarness router = Router(MeshDeliveries with { InvalidMessageDeliveriesWeight = -1 });
        GossipPeer first = router.AddPeer(Topic);
        GossipPeer second = router.AddPeer(Topic);
        router.Send(first, "a");
        router.Send(second, "a");
        router.Lose(router.LastValidating(), loss);

        Assert.Equal([0, 0], new[] { first, second }.Select(router.Score));
    }

    [Fact]
    public void An_ignored_message_costs_nobody_anything_nor_do_its_later_copies()
    {
        RouterHarness router = Router(Silent with { InvalidMessageDeliveriesWeight = -1 });
        GossipPeer first = router.AddPeer(Topic);
        GossipPeer second = router.AddPeer(Topic);
        router.SendJudged(first, "a", Verdict.Ignore);
        router.Send(second, "a");

        Assert.Equal([0, 0], new[] { first, second }.Select(router.Score));
        Assert.Equal(0, router.Penalties());
    }

    [Fact]
    public void A_topic_without_numbers_does_not_score()
    {
        RouterHarness router = Router(Only(Silent) with
        {
            DefaultTopic = null,
            Topics = new Dictionary<string, TopicScoreOptions>
            {
                ["u"] = Silent with { InvalidMessageDeliveriesWeight = -1 },
            },
        });
        router.Join("u");
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 3, Verdict.Reject);
        Assert.Equal(0, router.Score(peer));
        router.SendJudged(peer, "x", Verdict.Reject, "u");
        Assert.Equal(-1, router.Score(peer));
    }

    [Fact]
    public void Topics_add_up_by_weight_and_what_they_add_is_capped()
    {
        TopicScoreOptions topic = Silent with { FirstMessageDeliveriesWeight = 1 };
        RouterHarness router = Router(Only(topic) with
        {
            TopicScoreCap = 10,
            Topics = new Dictionary<string, TopicScoreOptions> { ["u"] = topic with { Weight = 4 } },
        });
        router.Join("u");
        GossipPeer peer = router.AddPeer(Topic);
        router.SendMany(peer, 1, Verdict.Accept);
        router.SendJudged(peer, "x", Verdict.Accept, "u");
        Assert.Equal(5, router.Score(peer));

        router.SendMany(peer, 9, Verdict.Accept);
        Assert.Equal(10, router.Score(peer));
        Assert.Equal(14, router.Explain(peer).Topics.Sum(t => t.Total), 12);
    }
}
