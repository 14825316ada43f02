using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Pmq.Core.Hosting;

namespace Pmq.Interop.Tests;

/// <summary>The handlers that the js peer has too, and what tests do with streams.</summary>
internal static class Streams
{
    /// <summary>Sends back what comes, then half-closes.</summary>
    public static async Task EchoAsync(IStream stream, CancellationToken cancellationToken)
    {
        ReadResult read;
        do
        {
            read = await stream.Input.ReadAsync(cancellationToken);
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                await stream.WriteAsync(part, cancellationToken);
            }

            stream.Input.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);

        await stream.CloseWriteAsync(cancellationToken);
    }

    /// <summary>Counts and hashes what comes, then answers with 8 bytes of count and the SHA-256.</summary>
    public static async Task CountAsync(IStream stream, CancellationToken cancellationToken)
    {
        var (bytes, hash) = await stream.ConsumeAsync(cancellationToken);
        byte[] answer = new byte[8 + hash.Length];
        BinaryPrimitives.WriteInt64BigEndian(answer, bytes);
        hash.CopyTo(answer, 8);
        await stream.WriteAsync(answer, cancellationToken);
        await stream.CloseWriteAsync(cancellationToken);
    }

    /// <summary>Reads 8 bytes of length, sends that much of the pattern and half-closes.</summary>
    public static async Task SourceAsync(IStream stream, CancellationToken cancellationToken)
    {
        byte[] head = await stream.ReadExactlyAsync(8, cancellationToken);
        await stream.FillAsync(BinaryPrimitives.ReadInt64BigEndian(head), cancellationToken);
        await stream.CloseWriteAsync(cancellationToken);
    }

    /// <summary>Writes <paramref name="bytes"/> of the pattern.</summary>
    public static async Task FillAsync(this IStream stream, long bytes, CancellationToken cancellationToken)
    {
        for (long left = bytes; left > 0; left -= Pattern.BlockBytes)
        {
            await stream.WriteAsync(Pattern.Block[..(int)Math.Min(left, Pattern.BlockBytes)], cancellationToken);
        }
    }

    /// <summary>Reads exactly <paramref name="bytes"/>.</summary>
    public static async Task<byte[]> ReadExactlyAsync(
        this IStream stream, int bytes, CancellationToken cancellationToken)
    {
        ReadResult read = await stream.Input.ReadAtLeastAsync(bytes, cancellationToken);
        if (read.Buffer.Length < bytes)
        {
            throw new EndOfStreamException($"{read.Buffer.Length} of {bytes} bytes came before the end");
        }

        byte[] data = read.Buffer.Slice(0, bytes).ToArray();
        stream.Input.AdvanceTo(read.Buffer.GetPosition(bytes));
        return data;
    }

    /// <summary>Reads to the end.</summary>
    public static async Task<byte[]> ReadToEndAsync(this IStream stream, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        await stream.Input.CopyToAsync(all, cancellationToken);
        return all.ToArray();
    }

    /// <summary>Reads to the end; the count and the SHA-256.</summary>
    public static async Task<(long Bytes, byte[] Hash)> ConsumeAsync(
        this IStream stream, CancellationToken cancellationToken, Func<long, ValueTask>? pace = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long bytes = 0;
        ReadResult read;
        do
        {
            read = await stream.Input.ReadAsync(cancellationToken);
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                hash.AppendData(part.Span);
            }

            bytes += read.Buffer.Length;
            stream.Input.AdvanceTo(read.Buffer.End);
            if (pace is not null)
            {
                await pace(bytes);
            }
        }
        while (!read.IsCompleted);

        return (bytes, hash.GetHashAndReset());
    }
}
