using Pmq.Engine.Validation;
using Pmq.Gossipsub;

namespace Pmq.Engine.Tests.Validation;

// Topics with a time and a bound of their own.
public sealed partial class VerifierRouterTests
{
    [Fact]
    public void A_topic_with_a_time_of_its_own_ends_by_it_and_the_others_by_theirs()
    {
        var router = new VerifierRouter(
            topic => new VerificationRules(topic == "quick" ? Timeout / 5 : Timeout), _moot.Contains);
        VerificationRequest slow = Request("slow", 1);
        VerificationRequest quick = Request("quick", 2);
        router.TryOffer(slow, 1, TimeSpan.Zero, _effects);
        router.TryOffer(quick, 1, TimeSpan.Zero, _effects);

        Assert.Equal(Timeout / 5, router.NextDeadline);
        router.Advance(Timeout / 5, _effects);
        Assert.Equal([VerifierEffect.Done(quick, VerificationOutcome.TimedOut)], Take());
        Assert.Equal(Timeout, router.NextDeadline);
        router.Advance(Timeout, _effects);
        Assert.Equal([VerifierEffect.Done(slow, VerificationOutcome.TimedOut)], Take());
    }

    [Fact]
    public void A_topic_that_may_have_one_in_flight_leaves_the_verifier_to_others_and_goes_on_with_each_verdict()
    {
        var router = new VerifierRouter(
            topic => new VerificationRules(Timeout, topic == "one" ? 1 : int.MaxValue), _moot.Contains);
        router.Attach(new AttachedVerifier(1, [], isStateless: false, maxInFlight: 2), _effects);
        VerificationRequest[] ones = [Request("one", 1), Request("one", 2), Request("one", 3)];
        VerificationRequest other = Request("other", 4);
        Array.ForEach(ones, request => router.TryOffer(request, 10, _now, _effects));
        router.TryOffer(other, 10, _now, _effects);

        Assert.Equal([VerifierEffect.Ask(ones[0], 1), VerifierEffect.Ask(other, 1)], Take());
        router.OnVerdict(1, "one", ones[0].Id, Verdict.Accept, _effects);
        Assert.Contains(VerifierEffect.Ask(ones[1], 1), Take());
        router.Detach(1, _effects);
        router.Attach(new AttachedVerifier(2, [], isStateless: true, maxInFlight: 2), _effects);
        Assert.Contains(VerifierEffect.Ask(ones[1], 2), Take());
        router.Advance(Timeout, _effects);
        Assert.Equal(0, router.PendingCount);
    }
}
