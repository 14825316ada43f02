using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>What holds of scores whatever the parameters, as long as they are valid.</summary>
public sealed class ScorePropertyTests
{
    [Fact]
    public void One_good_deed_more_never_lowers_a_score() => ForAll(seed => Compare(seed, extraIsGood: true));

    [Fact]
    public void One_misdeed_more_never_raises_a_score() => ForAll(seed => Compare(seed, extraIsGood: false));

    [Fact]
    public void A_score_is_always_a_number_and_the_sum_of_its_factors() => ForAll(seed =>
    {
        SeededChance chance = new(seed);
        ScoreScript script = new(ScoreParameters.Draw(chance), seed);
        for (int step = 0; step < 200; step++)
        {
            script.Apply(ScoreEvent.Draw(chance));
            foreach (PeerScoreView view in script.Explain())
            {
                Assert.True(double.IsFinite(view.Total), $"{view}");
                double sum = view.TopicTotal + view.Application.Contribution + view.IpColocation.Contribution
                    + view.BehaviourPenalty.Contribution + view.SlowPeer.Contribution;
                Assert.Equal(view.Total, sum, Tolerance(view));
                double topics = view.Topics.Sum(topic => topic.Total);
                double capped = script.Options.TopicScoreCap > 0
                    ? Math.Min(topics, script.Options.TopicScoreCap)
                    : topics;
                Assert.Equal(view.TopicTotal, capped, Math.Abs(topics * 1e-9) + 1e-9);
            }
        }
    });

    // Two runs that differ in one event of one peer at one moment.
    private static void Compare(ulong seed, bool extraIsGood)
    {
        SeededChance chance = new(seed);
        PeerScoreOptions options = ScoreParameters.Draw(chance);
        ScoreScript plain = new(options, seed);
        ScoreScript extra = new(options, seed);
        int at = chance.NextInt32(60);
        for (int step = 0; step < 120; step++)
        {
            if (step == at)
            {
                extra.ApplyExtra(extraIsGood, chance);
            }

            ScoreEvent next = ScoreEvent.Draw(chance);
            plain.Apply(next);
            extra.Apply(next);
            double before = plain.ScoreOfFirst;
            double after = extra.ScoreOfFirst;
            bool holds = extraIsGood ? after >= before : after <= before;
            Assert.True(holds, $"Seed {seed}, step {step}, {next}: {before} without, {after} with the extra deed.");
        }
    }

    private static double Tolerance(PeerScoreView view) =>
        (1e-9 * (Math.Abs(view.TopicTotal) + Math.Abs(view.IpColocation.Contribution)
            + Math.Abs(view.BehaviourPenalty.Contribution) + Math.Abs(view.Application.Contribution)
            + Math.Abs(view.SlowPeer.Contribution))) + 1e-9;

    private static void ForAll(Action<ulong> property) =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), property).QuickCheckThrowOnFailure();
}
