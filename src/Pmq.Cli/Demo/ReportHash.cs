using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pmq.Cli.Demo;

/// <summary>The first half of SHA-256 of some bytes: enough to tell one from another here.</summary>
internal readonly record struct ReportHash(UInt128 Value)
{
    /// <summary>Hashes.</summary>
    public static ReportHash Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return new ReportHash(BinaryPrimitives.ReadUInt128BigEndian(hash));
    }
}
