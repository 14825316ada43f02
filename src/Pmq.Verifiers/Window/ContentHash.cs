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
    /// SHA-256 over: extra hash (32 bytes, zeros when there is none), SHA-256 of the payload (32). Digest, which pins the
    /// scheme, and sequence are what a window looks reports up by. It never leaves the process.
    /// </summary>
    public static ContentHash Of(Report report)
    {
        Span<byte> parts = stackalloc byte[Report.ExtraHashLength + SHA256.HashSizeInBytes];
        parts.Clear();
        report.ExtraHash.Span.CopyTo(parts);
        SHA256.HashData(report.Payload.Span, parts[Report.ExtraHashLength..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(parts, hash);
        return new ContentHash(
            BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
    }
}
