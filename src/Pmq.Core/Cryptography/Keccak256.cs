using Org.BouncyCastle.Crypto.Digests;

namespace Pmq.Core.Cryptography;

/// <summary>Keccak-256 with the padding it had before it became SHA-3: the hash of Ethereum. By BouncyCastle.</summary>
internal static class Keccak256
{
    /// <summary>The bytes of a hash.</summary>
    public const int HashLength = 32;

    [ThreadStatic]
    private static State? _state;

    /// <summary>Hashes into 32 bytes. Allocates once a thread.</summary>
    public static void HashData(ReadOnlySpan<byte> source, Span<byte> destination) =>
        (_state ??= new State()).Hash(source, destination);

    // The library takes arrays only.
    private sealed class State
    {
        private readonly KeccakDigest _digest = new(8 * HashLength);
        private readonly byte[] _block = new byte[1024];

        public void Hash(ReadOnlySpan<byte> source, Span<byte> destination)
        {
            while (!source.IsEmpty)
            {
                int length = Math.Min(source.Length, _block.Length);
                source[..length].CopyTo(_block);
                _digest.BlockUpdate(_block, 0, length);
                source = source[length..];
            }

            // Also resets it.
            _digest.DoFinal(_block, 0);
            _block.AsSpan(0, HashLength).CopyTo(destination);
        }
    }
}
