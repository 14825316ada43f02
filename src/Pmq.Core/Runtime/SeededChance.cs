using System.Numerics;

namespace Pmq.Core.Runtime;

/// <summary>
/// A replayable stream of chance: xoshiro256** seeded by SplitMix64. Our own, so that a seed outlives the runtime's
/// choice of generator. For tests and simulation only: it can be predicted.
/// </summary>
public sealed class SeededChance : Chance
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Starts the stream of <paramref name="seed"/>.</summary>
    public SeededChance(ulong seed)
    {
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <inheritdoc />
    public override ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
