using Pmq.Testing;

namespace Pmq.Core.Tests.Testing;

/// <summary>The harness must fail when a parser does: each promise is broken once.</summary>
public sealed class ParserFuzzTests
{
    private static readonly byte[][] Corpus = [[1, 2, 3, 4]];

    [Fact]
    public void An_exception_is_reported_with_seed_and_input()
    {
        FuzzFailureException failure = Assert.Throws<FuzzFailureException>(() => ParserFuzz.Run(
            input =>
            {
                if (input.Length > 4)
                {
                    throw new InvalidDataException("out");
                }
            },
            Corpus,
            runs: 1000));
        Assert.Matches("^Seed [0-9]+, run [0-9]+, input of [0-9]+ bytes [0-9a-f]+: out$", failure.Message);
    }

    [Fact]
    public void An_allocation_out_of_proportion_is_reported()
    {
        byte[]? kept = null;
        FuzzFailureException failure = Assert.Throws<FuzzFailureException>(
            () => ParserFuzz.Run(input => kept = new byte[8192 + input.Length], Corpus, runs: 1000));
        Assert.Contains("allocated", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(kept);
    }

    [Fact]
    public void An_allocation_in_proportion_is_not()
    {
        byte[]? kept = null;
        ParserFuzz.Run(input => kept = new byte[(8 * input.Length) + 4000], Corpus, runs: 1000);
        Assert.NotNull(kept);
    }

    [Fact]
    public void One_seed_gives_one_run()
    {
        var runs = new List<string>[2];
        for (int i = 0; i < runs.Length; i++)
        {
            List<string> inputs = runs[i] = [];
            try
            {
                ParserFuzz.Run(input => inputs.Add(Convert.ToHexString(input)), Corpus, runs: 20, maxLength: 64);
            }
            catch (FuzzFailureException)
            {
                // Collecting the inputs allocates; only their order counts here.
            }
        }

        Assert.NotEmpty(runs[0]);
        Assert.Equal(runs[0], runs[1]);
    }
}
