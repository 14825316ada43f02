using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>
/// Canaries: a router with a defect of go-libp2p-pubsub fails the test of our behaviour, so that test can fail.
/// </summary>
public sealed class GoGapTests
{
    [Fact]
    public void A_router_whose_ihave_budget_is_used_up_by_other_control_is_noticed() =>
        Noticed(GoGaps.AnyControlIsAnIHave, new GossipTests().Only_rpcs_with_an_ihave_use_up_the_ten_of_a_heartbeat);

    [Fact]
    public void A_router_that_asks_every_advertiser_at_once_is_noticed() => Noticed(
        GoGaps.AskEveryAdvertiser,
        new WantTests().One_request_is_in_flight_for_each_id_and_the_next_advertiser_is_asked_after_the_follow_up_time);

    [Fact]
    public void A_router_that_takes_subscriptions_before_the_graylist_is_noticed() => Noticed(
        GoGaps.SubscriptionsBeforeGraylist,
        new SubscriptionTests().A_peer_that_is_not_admitted_announces_nothing);

    [Fact]
    public void A_router_without_a_bound_on_the_topics_of_a_peer_is_noticed() => Noticed(
        GoGaps.UnboundedTopics,
        new SubscriptionTests().A_peer_announces_no_more_topics_than_allowed_and_the_rest_makes_no_state);

    [Fact]
    public void A_router_that_publishes_to_nobody_while_its_mesh_is_empty_is_noticed() => Noticed(
        GoGaps.PublishToTheMeshOnly, new PublishTests().A_thin_mesh_is_topped_up_from_known_peers_to_D);

    [Theory]
    [InlineData(3601UL)]
    [InlineData(ulong.MaxValue)]
    public void A_router_that_takes_any_backoff_is_noticed(ulong seconds) => Noticed(
        GoGaps.BackoffNotClamped, () => new BackoffTests().A_backoff_beyond_the_limit_is_cut_to_it(seconds));

    [Fact]
    public void A_router_that_grafts_newcomers_at_the_heartbeat_only_is_noticed() => Noticed(
        GoGaps.GraftAtHeartbeatOnly,
        new GraftTests().A_peer_that_announces_the_topic_is_grafted_at_once_while_the_mesh_is_below_D);

    [Fact]
    public void A_router_that_bounds_ids_but_not_ihaves_is_noticed() =>
        Noticed(GoGaps.IHaveMessagesUnbounded, new GossipTests().Only_rpcs_with_an_ihave_use_up_the_ten_of_a_heartbeat);

    [Fact]
    public void A_router_that_forgets_that_every_queue_refused_a_publication_is_noticed() => Noticed(
        GoGaps.UnsentIsPublished, new PublishLifeCycleTests().A_publish_that_every_queue_refused_can_be_published_again);

    [Fact]
    public void A_router_that_sends_idontwant_for_what_its_queue_drops_is_noticed() => Noticed(
        GoGaps.IDontWantBeforeTheQueue, new IDontWantTests().Idontwant_is_not_sent_for_what_the_queue_drops);

    [Fact]
    public void A_router_that_floods_to_who_has_said_idontwant_is_noticed() => Noticed(
        GoGaps.FloodIgnoresIDontWant,
        () => new IDontWantTests().A_publication_does_not_go_to_who_does_not_want_it(flood: true));

    [Fact]
    public void A_router_that_looks_at_the_aggregate_score_alone_is_noticed() => Noticed(
        GoGaps.AggregateScoreOnly,
        new AdvisoryTests().CVE_2022_47547_good_standing_on_one_topic_buys_no_place_in_the_mesh_of_another);

    // The test passes on the router as it is: it is part of the suite.
    private static void Noticed(GoGaps gap, Action test) =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => RouterHarness.WithGap(gap, test));
}
