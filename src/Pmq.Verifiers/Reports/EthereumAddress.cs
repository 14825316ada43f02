using Pmq.Core.Cryptography;

namespace Pmq.Verifiers.Reports;

/// <summary>The last 20 bytes of the Keccak-256 of a key's X and Y.</summary>
internal static class EthereumAddress
{
    public const int Length = 20;

    /// <summary>Writes the 20 bytes of the key with these 64 bytes of coordinates.</summary>
    public static void Write(ReadOnlySpan<byte> coordinates, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[Keccak256.HashLength];
        Keccak256.HashData(coordinates, hash);
        hash[^Length..].CopyTo(destination);
    }
}
