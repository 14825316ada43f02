using System.Security.Cryptography;

namespace Pmq.Core.Runtime;

/// <summary>The operating system's CSPRNG.</summary>
public sealed class SystemEntropy : IEntropySource
{
    /// <summary>The one instance.</summary>
    public static SystemEntropy Instance { get; } = new();

    private SystemEntropy()
    {
    }

    /// <inheritdoc />
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
