using Pmq.Engine.Validation;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;

namespace Pmq.Engine.Tests.Validation;

/// <summary>Each transition of the routing of messages to verifiers, in virtual time.</summary>
public sealed partial class VerifierRouterTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly HashSet<object> _moot = [];
    private readonly VerifierRouter _router;
    private readonly List<VerifierEffect> _effects = [];
    private TimeSpan _now;

    public VerifierRouterTests() => _router = new VerifierRouter(Timeout, _moot.Contains);

    [Fact]
    public void A_message_goes_to_the_attached_verifier_and_its_verdict_ends_it()
    {
        Attach(1);
        VerificationRequest request = Offer("t", 1);

        Assert.Equal([VerifierEffect.Ask(request, 1)], Take());
        Assert.True(Judge(1, request, Verdict.Accept));
        Assert.Equal([VerifierEffect.Done(request, VerificationOutcome.Accepted)], Take());
        Assert.Equal(0, _router.PendingCount);
    }

    [Theory]
    [InlineData(Verdict.Accept, (int)VerificationOutcome.Accepted)]
    [InlineData(Verdict.Ignore, (int)VerificationOutcome.Ignored)]
    [InlineData(Verdict.Reject, (int)VerificationOutcome.Rejected)]
    public void Each_verdict_has_its_outcome(Verdict verdict, int outcome)
    {
        Attach(1);
        VerificationRequest request = Offer("t", 1);
        Take();

        Judge(1, request, verdict);

        Assert.Equal([VerifierEffect.Done(request, (VerificationOutcome)outcome)], Take());
    }

    [Fact]
    public void Without_a_verifier_messages_wait_and_time_out()
    {
        VerificationRequest request = Offer("t", 1);
        Assert.Empty(Take());
        Assert.Equal(Timeout, _router.NextDeadline);

        Advance(Timeout - TimeSpan.FromTicks(1));
        Assert.Empty(Take());
        Advance(TimeSpan.FromTicks(1));

        Assert.Equal([VerifierEffect.Done(request, VerificationOutcome.TimedOut)], Take());
        Assert.Null(_router.NextDeadline);
    }

    [Fact]
    public void What_waits_is_handed_over_in_order_when_a_verifier_attaches()
    {
        VerificationRequest[] requests = [Offer("t", 1), Offer("t", 2), Offer("t", 3)];

        Attach(1);

        Assert.Equal(requests.Select(request => VerifierEffect.Ask(request, 1)), Take());
    }

    [Fact]
    public void A_topic_sticks_to_one_verifier()
    {
        Attach(1);
        Attach(2);
        VerificationRequest first = Offer("t", 1);
        VerificationRequest second = Offer("t", 2);

        Assert.Equal([VerifierEffect.Ask(first, 1), VerifierEffect.Ask(second, 1)], Take());
    }

    [Fact]
    public void Topics_are_shared_out_among_verifiers()
    {
        Attach(1);
        Attach(2);
        VerificationRequest a = Offer("a", 1);
        VerificationRequest b = Offer("b", 2);

        Assert.Equal([VerifierEffect.Ask(a, 1), VerifierEffect.Ask(b, 2)], Take());
    }

    [Fact]
    public void A_verifier_is_asked_only_for_its_topics()
    {
        Attach(1, ["a"]);
        VerificationRequest other = Offer("b", 1);
        Assert.Empty(Take());

        Attach(2, ["b"]);

        Assert.Equal([VerifierEffect.Ask(other, 2)], Take());
    }

    [Fact]
    public void What_a_lost_verifier_held_goes_to_the_next_one_in_order()
    {
        Attach(1);
        VerificationRequest[] requests = [Offer("t", 1), Offer("t", 2), Offer("t", 3)];
        Judge(1, requests[1], Verdict.Accept);
        Attach(2);
        Take();

        _router.Detach(1, _effects);

        Assert.Equal([VerifierEffect.Ask(requests[0], 2), VerifierEffect.Ask(requests[2], 2)], Take());
        Assert.True(Judge(2, requests[0], Verdict.Accept));
    }

    [Fact]
    public void With_no_next_verifier_what_was_held_waits_ahead_of_what_comes()
    {
        Attach(1);
        VerificationRequest held = Offer("t", 1);
        Take();
        _router.Detach(1, _effects);
        VerificationRequest later = Offer("t", 2);
        Assert.Empty(Take());

        Attach(2);

        Assert.Equal([VerifierEffect.Ask(held, 2), VerifierEffect.Ask(later, 2)], Take());
    }

    [Fact]
    public void What_was_held_keeps_its_deadline()
    {
        Attach(1);
        VerificationRequest request = Offer("t", 1);
        Advance(TimeSpan.FromSeconds(4));
        _router.Detach(1, _effects);
        Take();

        Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([VerifierEffect.Done(request, VerificationOutcome.TimedOut)], Take());
    }

    [Fact]
    public void A_verdict_of_a_verifier_that_was_not_asked_has_no_effect()
    {
        Attach(1);
        Attach(2);
        VerificationRequest request = Offer("t", 1);
        Take();

        Assert.False(Judge(2, request, Verdict.Reject));
        Assert.Empty(Take());
    }

    [Fact]
    public void A_verdict_after_the_timeout_has_no_effect()
    {
        Attach(1);
        VerificationRequest request = Offer("t", 1);
        Advance(Timeout);
        Take();

        Assert.False(Judge(1, request, Verdict.Accept));
        Assert.Empty(Take());
    }

    [Fact]
    public void A_verdict_of_a_verifier_that_left_has_no_effect()
    {
        Attach(1);
        VerificationRequest request = Offer("t", 1);
        _router.Detach(1, _effects);
        Take();

        Assert.False(Judge(1, request, Verdict.Accept));
        Assert.Equal(1, _router.PendingCount);
    }

    [Fact]
    public void A_second_verdict_has_no_effect()
    {
        Attach(1);
        VerificationRequest request = Offer("t", 1);
        Judge(1, request, Verdict.Accept);
        Take();

        Assert.False(Judge(1, request, Verdict.Reject));
    }

    [Fact]
    public void The_same_id_on_two_topics_is_two_messages()
    {
        Attach(1);
        VerificationRequest a = Offer("a", 1);
        VerificationRequest b = Offer("b", 1);
        Take();

        Judge(1, a, Verdict.Reject);
        Judge(1, b, Verdict.Accept);

        Assert.Equal(
            [
                VerifierEffect.Done(a, VerificationOutcome.Rejected),
                VerifierEffect.Done(b, VerificationOutcome.Accepted),
            ],
            Take());
    }

    [Fact]
    public void A_full_verifier_is_asked_again_with_each_verdict()
    {
        Attach(1, maxInFlight: 2);
        VerificationRequest[] requests = [Offer("t", 1), Offer("t", 2), Offer("t", 3)];
        Assert.Equal([VerifierEffect.Ask(requests[0], 1), VerifierEffect.Ask(requests[1], 1)], Take());

        Judge(1, requests[1], Verdict.Ignore);

        Assert.Equal(
            [VerifierEffect.Done(requests[1], VerificationOutcome.Ignored), VerifierEffect.Ask(requests[2], 1)],
            Take());
    }

    [Fact]
    public void A_timeout_makes_room_at_the_verifier_that_was_asked()
    {
        Attach(1, maxInFlight: 1);
        VerificationRequest first = Offer("t", 1);
        Advance(TimeSpan.FromSeconds(1));
        VerificationRequest second = Offer("t", 2);
        Take();

        Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(
            [VerifierEffect.Done(first, VerificationOutcome.TimedOut), VerifierEffect.Ask(second, 1)], Take());
    }

    [Fact]
    public void Topics_that_wait_for_one_verifier_take_turns()
    {
        Attach(1, maxInFlight: 1);
        VerificationRequest flood = Offer("flood", 0);
        VerificationRequest[] floods = [.. Enumerable.Range(1, 10).Select(i => Offer("flood", i))];
        VerificationRequest quiet = Offer("quiet", 100);
        Take();

        Judge(1, flood, Verdict.Accept);
        Judge(1, floods[0], Verdict.Accept);

        Assert.Contains(VerifierEffect.Ask(quiet, 1), Take());
    }

    [Fact]
    public void A_peer_that_floods_a_topic_delays_neither_other_peers_on_it_nor_other_topics()
    {
        Attach(1, maxInFlight: 1);
        object flooder = new();
        VerificationRequest held = OfferOf("t", 0, flooder);
        for (int i = 1; i <= 500; i++)
        {
            OfferOf("t", i, flooder, turns: 1 + (i % 4));
        }

        VerificationRequest onTopic = OfferOf("t", 1000, new object());
        VerificationRequest elsewhere = OfferOf("quiet", 1001, new object());
        List<VerificationRequest> asked = [];
        Take();
        for (VerificationRequest next = held; asked.Count < 4; next = asked[^1])
        {
            Judge(1, next, Verdict.Accept);
            asked.Add(Take().Single(effect => effect.Kind == VerifierEffectKind.Ask).Request);
        }

        Assert.Contains(onTopic, asked);
        Assert.Contains(elsewhere, asked);
    }

    [Fact]
    public void What_comes_back_of_several_peers_keeps_its_order_for_each()
    {
        Attach(1, maxInFlight: 4);
        object a = new();
        object b = new();
        VerificationRequest[] ofA = [OfferOf("t", 1, a), OfferOf("t", 2, a)];
        VerificationRequest[] ofB = [OfferOf("t", 3, b), OfferOf("t", 4, b)];
        VerificationRequest youngest = OfferOf("t", 5, a);
        Take();

        _router.Detach(1, _effects);
        Attach(2);

        List<VerificationRequest> asked = [.. Take().Select(effect => effect.Request)];
        Assert.Equal([.. ofA, youngest], asked.Where(request => request.Origin == a));
        Assert.Equal(ofB, asked.Where(request => request.Origin == b));
    }

    [Fact]
    public void Stateless_verifiers_share_a_topic_by_least_in_flight()
    {
        Attach(1, isStateless: true);
        Attach(2, isStateless: true);
        VerificationRequest[] requests = [Offer("t", 1), Offer("t", 2), Offer("t", 3)];
        Assert.Equal(
            [
                VerifierEffect.Ask(requests[0], 1),
                VerifierEffect.Ask(requests[1], 2),
                VerifierEffect.Ask(requests[2], 1),
            ],
            Take());

        Judge(1, requests[0], Verdict.Accept);
        Judge(1, requests[2], Verdict.Accept);
        Take();
        VerificationRequest next = Offer("t", 4);

        Assert.Equal([VerifierEffect.Ask(next, 1)], Take());
    }

    [Fact]
    public void A_stateful_verifier_takes_a_topic_over_from_stateless_ones()
    {
        Attach(1, isStateless: true);
        Attach(2);
        VerificationRequest request = Offer("t", 1);

        Assert.Equal([VerifierEffect.Ask(request, 2)], Take());
    }

    [Fact]
    public void Stateless_verifiers_take_a_topic_over_when_its_stateful_one_leaves()
    {
        Attach(1, isStateless: true);
        Attach(2);
        VerificationRequest request = Offer("t", 1);
        Take();

        _router.Detach(2, _effects);

        Assert.Equal([VerifierEffect.Ask(request, 1)], Take());
    }

    [Fact]
    public void A_stateful_verifier_that_came_later_gets_what_a_stateless_one_held()
    {
        Attach(1, isStateless: true);
        VerificationRequest request = Offer("t", 1);
        Attach(2);
        Take();

        _router.Detach(1, _effects);

        Assert.Equal([VerifierEffect.Ask(request, 2)], Take());
    }

    [Fact]
    public void A_full_topic_takes_nothing_more_and_says_so()
    {
        Offer("t", 1);
        Offer("t", 2);

        Assert.False(_router.TryOffer(Request("t", 3), 2, _now, _effects));
        Assert.True(_router.TryOffer(Request("other", 3), 2, _now, _effects));
        Assert.Equal(2, _router.PendingOf("t"));
    }

    [Fact]
    public void An_id_that_is_examined_already_is_not_taken_again()
    {
        Offer("t", 1);

        Assert.False(_router.TryOffer(Request("t", 1), 10, _now, _effects));
    }

    [Fact]
    public void An_id_whose_message_is_moot_is_taken_again_in_its_place_and_the_verifier_gets_on()
    {
        Attach(1, maxInFlight: 1);
        VerificationRequest old = Offer("t", 1);
        VerificationRequest waiting = Offer("t", 2);
        Take();
        _moot.Add(old.Message);

        VerificationRequest anew = Offer("t", 1);

        Assert.Equal(
            [VerifierEffect.Done(old, VerificationOutcome.Moot), VerifierEffect.Ask(waiting, 1)], Take());
        Assert.False(Judge(1, old, Verdict.Accept));
        Assert.True(Judge(1, waiting, Verdict.Accept));
        Assert.Equal(
            [VerifierEffect.Done(waiting, VerificationOutcome.Accepted), VerifierEffect.Ask(anew, 1)], Take());
    }

    [Fact]
    public void Forgetting_a_topic_ends_what_is_moot_and_keeps_what_is_waited_for()
    {
        Attach(1, maxInFlight: 1);
        VerificationRequest moot = Offer("a", 1);
        VerificationRequest own = Offer("a", 2);
        Take();
        _moot.Add(moot.Message);

        _router.Forget("a", _effects);

        Assert.Equal([VerifierEffect.Done(moot, VerificationOutcome.Moot), VerifierEffect.Ask(own, 1)], Take());
        Assert.True(Judge(1, own, Verdict.Accept));
        Assert.Equal(0, _router.PendingOf("a"));
    }

    [Fact]
    public void A_forgotten_topic_is_assigned_anew()
    {
        Attach(1);
        Attach(2);
        VerificationRequest a = Offer("a", 1);
        Offer("b", 2);
        Judge(1, a, Verdict.Accept);
        _router.Forget("a", _effects);
        Take();

        // The first verifier lost its only topic: the next new topic is its.
        VerificationRequest c = Offer("c", 3);

        Assert.Equal([VerifierEffect.Ask(c, 1)], Take());
    }

    internal static VerificationRequest Request(string topic, int number, object? origin = null, int turns = 1)
    {
        Span<byte> digest = stackalloc byte[20];
        BitConverter.TryWriteBytes(digest, number);
        return new VerificationRequest(topic, new MessageId(digest), new object(), origin, turns);
    }

    private VerificationRequest OfferOf(string topic, int number, object origin, int turns = 1)
    {
        VerificationRequest request = Request(topic, number, origin, turns);
        Assert.True(_router.TryOffer(request, int.MaxValue, _now, _effects));
        return request;
    }

    private void Attach(long id, string[]? topics = null, bool isStateless = false, int maxInFlight = 100) =>
        _router.Attach(new AttachedVerifier(id, topics ?? [], isStateless, maxInFlight), _effects);

    private VerificationRequest Offer(string topic, int number)
    {
        VerificationRequest request = Request(topic, number);
        Assert.True(_router.TryOffer(request, 1000, _now, _effects));
        return request;
    }

    private bool Judge(long verifier, VerificationRequest request, Verdict verdict) =>
        _router.OnVerdict(verifier, request.Topic, request.Id, verdict, _effects);

    private void Advance(TimeSpan by)
    {
        _now += by;
        _router.Advance(_now, _effects);
    }

    private VerifierEffect[] Take()
    {
        VerifierEffect[] taken = [.. _effects];
        _effects.Clear();
        return taken;
    }
}
