namespace Pmq.Verifiers.Window;

/// <summary>Two different quorum-signed reports of one sequence.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="First">The one that came first; empty when its encoding is no longer kept.</param>
/// <param name="Second">The other.</param>
internal sealed record WindowProof(long Sequence, ReadOnlyMemory<byte> First, ReadOnlyMemory<byte> Second)
{
    /// <summary>The bytes that keeping it takes.</summary>
    public long Bytes => (long)First.Length + Second.Length;
}
