using System.Globalization;
using Pmq.Core.Runtime;

namespace Pmq.Testing;

/// <summary>
/// Feeds a parser with arbitrary bytes and with mutations of valid ones, and holds it to what every parser that faces
/// the wire promises: no exception, and at most 8 bytes allocated for each byte of input, plus 4 KiB.
/// </summary>
/// <remarks>
/// One seed gives one run. It is fixed, so that a failure is found again; the environment variable <c>PMQ_FUZZ_SEED</c>
/// sets another. A failure tells the seed, the number of the run and the input in hex.
/// </remarks>
public static class ParserFuzz
{
    /// <summary>Inputs of a run unless the caller says otherwise.</summary>
    public const int DefaultRuns = 100_000;

    private const int AllocationPerByte = 8;
    private const int AllocationBase = 4096;

    /// <summary>The parser under test. What it returns, it has to check itself.</summary>
    public delegate void BytesTarget(ReadOnlySpan<byte> input);

    /// <summary>Fuzzes a parser of bytes.</summary>
    /// <param name="target">The parser; may assert what must hold for any input.</param>
    /// <param name="corpus">Valid inputs to mutate; at least one. Each is also given unchanged, first.</param>
    /// <param name="runs">How many inputs.</param>
    /// <param name="maxLength">The longest arbitrary input, in bytes.</param>
    public static void Run(
        BytesTarget target, IReadOnlyList<byte[]> corpus, int runs = DefaultRuns, int maxLength = 1024) =>
        RunCore(input => target(input), corpus, input => input, runs, maxLength);

    /// <summary>As <see cref="Run"/> for a parser that needs the input as memory.</summary>
    public static void RunMemory(
        Action<ReadOnlyMemory<byte>> target,
        IReadOnlyList<byte[]> corpus,
        int runs = DefaultRuns,
        int maxLength = 1024) =>
        RunCore(input => target(input), corpus, input => input, runs, maxLength);

    /// <summary>As <see cref="Run"/> for a parser of text: mutations are of characters, all below U+0100.</summary>
    public static void RunText(
        Action<string> target, IReadOnlyList<string> corpus, int runs = DefaultRuns, int maxLength = 1024) =>
        RunCore(
            target,
            [.. corpus.Select(System.Text.Encoding.Latin1.GetBytes)],
            System.Text.Encoding.Latin1.GetString,
            runs,
            maxLength);

    private static void RunCore<T>(
        Action<T> target, IReadOnlyList<byte[]> corpus, Func<byte[], T> convert, int runs, int maxLength)
    {
        ArgumentOutOfRangeException.ThrowIfZero(corpus.Count);
        ulong seed = Seed();
        var chance = new SeededChance(seed);
        var mutator = new Mutator(chance, corpus, maxLength);
        for (int run = 0; run < corpus.Count + runs; run++)
        {
            byte[] input = run < corpus.Count ? corpus[run] : mutator.Next();
            T converted = convert(input);
            try
            {
                long limit = AllocationBase + (AllocationPerByte * (long)input.Length);
                long allocated = Measure(target, converted);

                // The first use of a path may initialise statics: only what repeats counts.
                if (allocated > limit && (allocated = Measure(target, converted)) > limit)
                {
                    throw new InvalidOperationException($"It allocated {allocated} bytes where {limit} are allowed.");
                }
            }
            catch (Exception e)
            {
                throw new FuzzFailureException(
                    $"Seed {seed}, run {run}, input of {input.Length} bytes {Convert.ToHexStringLower(input)}: {e.Message}",
                    e);
            }
        }
    }

    private static long Measure<T>(Action<T> target, T input)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        target(input);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static ulong Seed()
    {
        string? text = Environment.GetEnvironmentVariable("PMQ_FUZZ_SEED");
        return text is null ? 1 : ulong.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>Makes inputs: one in four arbitrary, the others valid ones with one to four mutations.</summary>
    private sealed class Mutator(SeededChance chance, IReadOnlyList<byte[]> corpus, int maxLength)
    {
        // Ends of ranges, and varints that promise much.
        private static readonly byte[][] Interesting =
        [
            [0x00], [0x01], [0x7F], [0x80], [0xFF], [0x80, 0x00], [0xFF, 0x7F], [0x80, 0x80, 0x04],
            [0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0x07],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        ];

        public byte[] Next()
        {
            if (chance.NextInt32(4) == 0)
            {
                // Short ones more often: the square of a uniform number.
                double u = chance.NextDouble();
                return Bytes((int)(u * u * (maxLength + 1)));
            }

            var input = new List<byte>(Pick());
            for (int i = chance.NextInt32(4); i >= 0; i--)
            {
                Mutate(input);
            }

            return [.. input];
        }

        private byte[] Pick() => corpus[chance.NextInt32(corpus.Count)];

        private byte[] Bytes(int count)
        {
            var bytes = new byte[count];
            for (int i = 0; i < count; i++)
            {
                bytes[i] = (byte)chance.NextInt32(256);
            }

            return bytes;
        }

        private void Mutate(List<byte> input)
        {
            int at = chance.NextInt32(input.Count + 1);
            int length = chance.NextInt32(Math.Min(16, input.Count - at) + 1);
            switch (chance.NextInt32(8))
            {
                case 0 when at < input.Count:
                    input[at] ^= (byte)(1 << chance.NextInt32(8));
                    break;
                case 1 when at < input.Count:
                    input[at] = (byte)chance.NextInt32(256);
                    break;
                case 2:
                    input.RemoveRange(at, input.Count - at);
                    break;
                case 3:
                    input.RemoveRange(at, length);
                    break;
                case 4:
                    input.InsertRange(at, Bytes(chance.NextInt32(16)));
                    break;
                case 5:
                    input.InsertRange(at, input.GetRange(at, length));
                    break;
                case 6:
                    byte[] value = Interesting[chance.NextInt32(Interesting.Length)];
                    input.RemoveRange(at, Math.Min(value.Length, input.Count - at));
                    input.InsertRange(at, value);
                    break;
                default:
                    byte[] other = Pick();
                    int from = chance.NextInt32(other.Length + 1);
                    input.RemoveRange(at, input.Count - at);
                    input.AddRange(other[from..]);
                    break;
            }
        }
    }
}
