namespace Pmq.Core.Runtime;

/// <summary>Where key material comes from: identity keys, Noise ephemerals, nonces that must not repeat.</summary>
public interface IEntropySource
{
    /// <summary>Fills <paramref name="destination"/> with secret, uniformly distributed bytes. Thread-safe.</summary>
    void Fill(Span<byte> destination);
}
