using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests;

/// <summary>A deed more moves a score to its own side only, whatever the parameters, as long as they are valid.</summary>
public sealed class ScoreMonotonyTests
{
    [Fact]
    public void One_good_deed_more_never_lowers_a_score() => ForAll(seed => Compare(seed, extraIsGood: true));

    [Fact]
    public void One_misdeed_more_never_raises_a_score() => ForAll(seed => Compare(seed, extraIsGood: false));

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

    private static void ForAll(Action<ulong> property) =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), property).QuickCheckThrowOnFailure();
}
