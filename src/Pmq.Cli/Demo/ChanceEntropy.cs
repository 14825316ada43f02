using System.Buffers.Binary;
using Pmq.Core.Runtime;

namespace Pmq.Cli.Demo;

/// <summary>Key material from a seed, so that a demo can be repeated. Nobody else may use it: it can be guessed.</summary>
internal sealed class ChanceEntropy(Chance chance) : IEntropySource
{
    /// <inheritdoc />
    public void Fill(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        while (!destination.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, chance.NextUInt64());
            int length = Math.Min(word.Length, destination.Length);
            word[..length].CopyTo(destination);
            destination = destination[length..];
        }
    }
}
