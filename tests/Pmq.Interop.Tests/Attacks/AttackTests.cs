using System.Security.Cryptography;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Interop.Tests.Attacks;

/// <summary>
/// Attackers made of raw frames over TCP, Noise and Yamux: what the parameters predict is what happens to them, and
/// honest traffic between js peers through us stays whole.
/// </summary>
public sealed class AttackTests
{
    // The predictions count whole heartbeats of attacking; the verdicts of the last one may take another.
    private const int Slack = 1;

    private static readonly PeerScoreOptions Scoring = PeerScoreOptions.Default;
    private static readonly TopicScoreOptions Topic = TopicScoreOptions.Default;

    /// <summary>Standing that the attacker may have in our mesh before it begins: time alone.</summary>
    private static double Standing => Topic.TimeInMeshWeight;

    [Fact]
    public async Task A_sender_of_rejected_messages_is_graylisted_within_the_predicted_heartbeats()
    {
        const int PerHeartbeat = 2;
        int predicted = Heartbeats(
            Misdeeds(Topic.InvalidMessageDeliveriesWeight, free: 0), PerHeartbeat);
        await using var siege = await Siege.BeginAsync();

        int took = await siege.AttackUntilBelowAsync(Scoring.Thresholds.Graylist, predicted + Slack, async () =>
        {
            for (int i = 0; i < PerHeartbeat; i++)
            {
                await siege.Attacker.SendAsync(new RpcBuilder().Publish(GossipPeer.Topic, siege.BadMessage()));
            }
        });

        Assert.InRange(took, predicted - 1, predicted + Slack);
        await siege.AssertNotHeardAsync();
        await siege.AssertHonestTrafficIsWholeAsync();
    }

    [Fact]
    public async Task A_peer_that_grafts_during_its_backoff_is_graylisted_within_the_predicted_heartbeats()
    {
        const int PerHeartbeat = 4;

        // So soon after the PRUNE each GRAFT counts twice.
        int predicted = Heartbeats(
            Misdeeds(Scoring.BehaviourPenaltyWeight, Scoring.BehaviourPenaltyThreshold), 2 * PerHeartbeat);
        await using var siege = await Siege.BeginAsync();
        await siege.Attacker.SendAsync(new RpcBuilder().Prune(GossipPeer.Topic, 60));

        int grafts = 0;
        int took = await siege.AttackUntilBelowAsync(Scoring.Thresholds.Graylist, predicted + Slack, async () =>
        {
            for (int i = 0; i < PerHeartbeat; i++, grafts++)
            {
                await siege.Attacker.SendAsync(new RpcBuilder().Graft(GossipPeer.Topic));
            }
        });

        Assert.InRange(took, predicted - 1, predicted + Slack);
        await siege.AssertNotHeardAsync();
        Assert.InRange(siege.Attacker.Heard.Sum(rpc => rpc.Prunes.Count), 1, grafts);
        await siege.AssertHonestTrafficIsWholeAsync();
    }

    [Theory]
    [InlineData(1, 50)]
    [InlineData(3, 100)]
    public async Task A_peer_that_breaks_its_promises_is_graylisted_within_the_predicted_heartbeats(
        int timesTheLimit, int idsOfEach)
    {
        GossipsubOptions options = new();
        var followUp = TimeSpan.FromSeconds(1);
        await using var siege = await Siege.BeginAsync(o => o with { IWantFollowupTime = followUp });

        // The promises of each IHAVE count once, and no more IHAVEs are taken than the limit says.
        int predicted = (int)Math.Ceiling(followUp / siege.Heartbeat) + Heartbeats(
            Misdeeds(Scoring.BehaviourPenaltyWeight, Scoring.BehaviourPenaltyThreshold), options.MaxIHaveMessages);

        int rounds = 0;
        async Task PromiseAsync()
        {
            for (int i = 0; i < timesTheLimit * options.MaxIHaveMessages; i++)
            {
                await siege.Attacker.SendAsync(new RpcBuilder().IHave(GossipPeer.Topic, RandomIds(idsOfEach)));
            }

            rounds++;
        }

        int took = await siege.AttackUntilBelowAsync(
            Scoring.Thresholds.Graylist, predicted + Slack + 1, PromiseAsync);

        Assert.InRange(took, followUp / siege.Heartbeat, predicted + Slack + 1);
        Assert.Equal(timesTheLimit > 1, siege.Counters.IHaveRpcsOverLimit > 0);
        long asked = siege.Counters.IdsAsked;
        Assert.InRange(asked, 1, options.MaxIHaveMessages * idsOfEach * (rounds + 1));
        await PromiseAsync();
        await siege.AssertNotHeardAsync();
        Assert.Equal(asked, siege.Counters.IdsAsked);
        await siege.AssertHonestTrafficIsWholeAsync();
    }

    [Fact]
    public async Task A_flood_of_IDONTWANT_keeps_nothing_from_anybody_but_its_sender()
    {
        await using var siege = await Siege.BeginAsync();

        for (int heartbeat = 0; heartbeat < 10; heartbeat++)
        {
            for (int i = 0; i < 20; i++)
            {
                await siege.Attacker.SendAsync(new RpcBuilder().IDontWant(RandomIds(1000)));
            }

            await siege.HeartbeatAsync();
        }

        await siege.AssertHonestTrafficIsWholeAsync();
    }

    [Fact]
    public async Task A_message_is_sent_to_one_peer_on_request_no_oftener_than_the_limit_allows()
    {
        GossipsubOptions options = new();
        await using var siege = await Siege.BeginAsync();
        await siege.Attacker.SendAsync(new RpcBuilder().Prune(GossipPeer.Topic, 60));
        await siege.HeartbeatAsync();
        string id = (await siege.Ours.PublishAsync("wanted again and again")).MessageId;

        for (int i = 0; i < 50; i++)
        {
            await siege.Attacker.SendAsync(new RpcBuilder().IWant(id));
        }

        await siege.HeartbeatAsync();
        await siege.HeartbeatAsync();
        int copies = siege.Attacker.Heard.SelectMany(rpc => rpc.Messages).Count(m => m == "wanted again and again");
        Assert.InRange(copies, 1, options.GossipRetransmission + 1);
        await siege.AssertHonestTrafficIsWholeAsync(foreign: 1);
    }

    [Fact]
    public async Task A_peer_whose_RPC_cannot_be_read_is_disconnected()
    {
        await using var siege = await Siege.BeginAsync();

        await siege.Attacker.SendAsync(new RpcBuilder().Raw(2, [0xFF, 0xFF, 0xFF]));

        await siege.Attacker.EndAsync();
        await siege.AssertHonestTrafficIsWholeAsync();
    }

    /// <summary>The fewest misdeeds whose square, beyond those that are free, leads below the graylist threshold.</summary>
    private static double Misdeeds(double weight, double free) =>
        free + Math.Floor(Math.Sqrt((Scoring.Thresholds.Graylist - Standing) / weight)) + 1;

    private static int Heartbeats(double misdeeds, int perHeartbeat) => (int)Math.Ceiling(misdeeds / perHeartbeat);

    private static string[] RandomIds(int count)
    {
        string[] ids = new string[count];
        for (int i = 0; i < count; i++)
        {
            ids[i] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        }

        return ids;
    }
}
