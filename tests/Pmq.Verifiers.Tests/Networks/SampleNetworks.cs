using System.Buffers.Binary;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Tests.Networks;

/// <summary>Networks whose keys nobody has.</summary>
internal static class SampleNetworks
{
    public static ConfigDigest Digest(byte first)
    {
        byte[] bytes = new byte[ConfigDigest.Length];
        bytes[0] = first;
        return new ConfigDigest(bytes);
    }

    /// <summary>A digest of its own for each number.</summary>
    public static ConfigDigest Wide(int number)
    {
        byte[] bytes = new byte[ConfigDigest.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(28), number + 1);
        return new ConfigDigest(bytes);
    }

    public static NetworkEpoch Epoch(string networkId, byte digest) =>
        new(Digest(digest), new SignerSet(networkId, ReportScheme.Ocr2, Addresses(4), 1, QuorumPolicy.OneHonest));

    /// <summary>A network with one epoch for each digest, on the overlay that has its name.</summary>
    public static Network Network(string id, params byte[] digests) =>
        new(id, [id], [.. digests.Select(digest => Epoch(id, digest))]);

    private static ReadOnlyMemory<byte>[] Addresses(int count) =>
        [.. Enumerable.Range(1, count).Select(i => (ReadOnlyMemory<byte>)Enumerable.Repeat((byte)i, 20).ToArray())];
}
