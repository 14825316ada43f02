using System.Buffers.Binary;
using Pmq.Core.Runtime;

namespace Pmq.Testing;

/// <summary>Key material that a seed repeats: for golden bytes and replayable runs. Thread-safe.</summary>
public sealed class SeededEntropy(ulong seed) : IEntropySource
{
    private readonly Lock _lock = new();
    private readonly SeededChance _chance = new(seed);

    public void Fill(Span<byte> destination)
    {
        lock (_lock)
        {
            Span<byte> block = stackalloc byte[sizeof(ulong)];
            while (!destination.IsEmpty)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(block, _chance.NextUInt64());
                int count = Math.Min(block.Length, destination.Length);
                block[..count].CopyTo(destination);
                destination = destination[count..];
            }
        }
    }
}
