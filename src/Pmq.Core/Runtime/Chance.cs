using System.Numerics;

namespace Pmq.Core.Runtime;

/// <summary>
/// A source of unpredictable choices: which peer to graft, which ids to advertise, how long to jitter.
/// Production takes <see cref="SecureChance"/>; tests and simulation take <see cref="SeededChance"/>.
/// </summary>
/// <remarks>Not thread-safe: one owner. Key material never comes from here but from
/// <see cref="IEntropySource"/>.</remarks>
public abstract class Chance
{
    /// <summary>The next 64 uniformly distributed bits.</summary>
    public abstract ulong NextUInt64();

    /// <summary>A uniformly distributed integer in [0, <paramref name="exclusiveMax"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exclusiveMax"/> is not positive.</exception>
    public int NextInt32(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMax);

        // Multiply-shift with rejection (Lemire): unbiased, and one draw in nearly every case.
        uint range = (uint)exclusiveMax;
        ulong product = (NextUInt64() >> 32) * range;
        if ((uint)product < range)
        {
            uint threshold = (0u - range) % range;
            while ((uint)product < threshold)
            {
                product = (NextUInt64() >> 32) * range;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>A uniformly distributed number in [0, 1) with 53 bits of resolution.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A uniformly distributed duration in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public TimeSpan NextTimeSpan(TimeSpan from, TimeSpan to) =>
        from + TimeSpan.FromTicks((long)((to - from).Ticks * NextDouble()));

    /// <summary>Puts <paramref name="items"/> into a uniformly drawn order (Fisher and Yates), in place.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt32(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>An independent child stream; the parent moves on by one draw.</summary>
    /// <param name="label">Names the child, so that adding a draw in one part does not shift another.</param>
    public virtual Chance Fork(string label)
    {
        ulong hash = BitOperations.RotateLeft(NextUInt64(), 17);
        foreach (char c in label)
        {
            hash = (hash ^ c) * 0x100000001B3UL;
        }

        return new SeededChance(hash);
    }
}
