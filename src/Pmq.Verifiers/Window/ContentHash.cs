using System.Buffers.Binary;
using System.Security.Cryptography;
using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Window;

/// <summary>
/// Names what is signed of a report, whoever of the network signed it: within one network, digest and sequence, two
/// reports with the same hash are one report.
/// </summary>
internal readonly record struct ContentHash(UInt128 High, UInt128 Low)
{
    /// <summary>
    /// SHA-256 over: scheme (1 byte), extra hash (32 bytes, zeros when there is none), payload.
    /// Digest and sequence are what a window looks reports up by. It never leaves the process.
    /// </summary>
    public static ContentHash Of(Report report)
    {
        const int extraHashLength = 32;
        Span<byte> head = stackalloc byte[1 + extraHashLength];
        head.Clear();
        head[0] = (byte)report.Scheme;
        report.ExtraHash.Span.CopyTo(head[1..]);
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(head);
        sha.AppendData(report.Payload.Span);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        sha.GetHashAndReset(hash);
        return new ContentHash(
            BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
    }
}
