using Pmq.Client;
using Pmq.Engine;
using Pmq.Gossipsub.Scoring;

namespace Pmq.Agent.Tests;

/// <summary>An operator sees how peers stand, and why.</summary>
public sealed class PeerScoreTests
{
    private const string Topic = "t";

    [Fact]
    public async Task A_peer_whose_message_is_rejected_is_listed_with_what_it_cost_also_when_it_has_left()
    {
        using var timeout = new CancellationTokenSource(Waits.Generous);
        await using TestAgent alice = await TestAgent.StartAsync(("--topic", Topic));
        await using TestAgent bob = await TestAgent.StartAsync(
            ("--topic", Topic), ("--validation", "none"), ("--peer", alice.Address));
        PmqClient client = alice.Client();
        await using var verifier = new RunningVerifier(client, Topic, AgentVerdict.Reject);
        await verifier.Attached;
        await Waits.ForMeshAsync(bob.Client(), Topic, timeout.Token);

        await bob.Client().PublishAsync(Topic, "bad"u8.ToArray(), timeout.Token);

        string peerId = bob.Host.Peer.LocalPeer.ToString();
        await Waits.UntilAsync(
            async () => (await client.ListPeersAsync(timeout.Token))[0].Score is { Worst: not null }, timeout.Token);
        AgentScoreFactor worst = Assert.Single(await client.ListPeersAsync(timeout.Token)).Score!.Worst!;
        Assert.Equal(("P4", "invalidMessageDeliveries", Topic), (worst.Symbol, worst.Name, worst.Topic));
        AgentScoreView view = await client.ExplainScoreAsync(peerId, timeout.Token);
        Assert.True(view.IsConnected);
        Assert.Equal(AgentScoreBand.Ok, view.Score.Band);
        Assert.Equal((-50, -200, -500), (view.Thresholds.Gossip, view.Thresholds.Publish, view.Thresholds.Graylist));
        AgentTopicScore topic = Assert.Single(view.Topics);
        Assert.InRange(topic.Factors.Single(factor => factor.Symbol == "P4").Contribution, -5, -0.1);
        Assert.Equal(
            view.Score.Total, view.TopicTotal + view.Factors.Sum(factor => factor.Contribution), 6);

        await bob.DisposeAsync();
        await Waits.UntilAsync(
            async () => await client.ListPeersAsync(remembered: true, timeout.Token) is [{ Address: "" }],
            timeout.Token);
        Assert.Empty(await client.ListPeersAsync(timeout.Token));
        AgentScoreView gone = await client.ExplainScoreAsync(peerId, timeout.Token);
        Assert.False(gone.IsConnected);
        Assert.InRange(gone.Remaining!.Value, TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task What_the_application_thinks_moves_a_peer_into_another_band()
    {
        using var timeout = new CancellationTokenSource(Waits.Generous);
        await using TestAgent alice = await TestAgent.StartAsync(("--topic", Topic));
        await using TestAgent bob = await TestAgent.StartAsync(("--topic", Topic), ("--peer", alice.Address));
        await Waits.ForMeshAsync(alice.Client(), Topic, timeout.Token);

        await alice.Host.Peer.SetApplicationScoreAsync(bob.Host.Peer.LocalPeer, -1000, timeout.Token);

        AgentPeerScore score = Assert.Single(await alice.Client().ListPeersAsync(timeout.Token)).Score!;
        Assert.Equal(AgentScoreBand.Graylisted, score.Band);
        Assert.Equal("appSpecificScore", score.Worst!.Name);
    }

    [Fact]
    public async Task A_peer_that_nothing_is_known_of_and_scores_that_are_off_are_said_in_one_line()
    {
        using var timeout = new CancellationTokenSource(Waits.Generous);
        await using TestAgent alice = await TestAgent.StartAsync();
        PmqClient client = alice.Client();
        string stranger = "12D3KooWNBpcEZvtNLkAuHf3RdsRcokeQQNc2WrgU7iHipwVAKWM";

        Assert.Equal(
            $"nothing is known of the score of peer {stranger}", await FaultAsync(client, stranger, timeout.Token));
        Assert.Equal("peer_id x is no peer id as 12D3Koo…", await FaultAsync(client, "x", timeout.Token));
        await alice.Host.Peer.SetScoringAsync(null, timeout.Token);
        Assert.Equal(
            "peers are not scored here: pubsub.scoring.enabled is false",
            await FaultAsync(client, stranger, timeout.Token));
    }

    [Fact]
    public async Task Scoring_can_be_changed_while_the_agent_runs_but_not_to_what_contradicts_itself()
    {
        await using TestAgent alice = await TestAgent.StartAsync();
        PmqPeer peer = alice.Host.Peer;

        PmqOptionsException fault = await Assert.ThrowsAsync<PmqOptionsException>(
            async () => await peer.SetScoringAsync(
                new PeerScoreOptions { Thresholds = new ScoreThresholds { Gossip = 1 } }, CancellationToken.None));
        Assert.Equal("pubsub.scoring.thresholds.gossip", fault.Key);

        await peer.SetScoringAsync(new PeerScoreOptions { TopicScoreCap = 3 }, CancellationToken.None);
        Assert.Equal(3, peer.Scoring!.TopicScoreCap);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await peer.SetApplicationScoreAsync(peer.LocalPeer, double.NaN, CancellationToken.None));
    }

    private static async Task<string> FaultAsync(PmqClient client, string peerId, CancellationToken cancellationToken) =>
        (await Assert.ThrowsAsync<PmqClientException>(() => client.ExplainScoreAsync(peerId, cancellationToken))).Message;
}
