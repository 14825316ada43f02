using System.Buffers;
using System.IO.Pipelines;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Tests.Yamux;

/// <summary>Many threads at both ends of one connection: what the pure model cannot show, races between loops.</summary>
public sealed class YamuxConcurrencyTests
{
    [Theory]
    [InlineData(false, 1ul)]
    [InlineData(true, 2ul)]
    public async Task Streams_that_write_read_end_and_reset_at_once_keep_their_bytes_apart(bool overTcp, ulong seed)
    {
        var small = new YamuxOptions { ConnectionSendBufferBytes = 300_000, MaxUnacknowledgedStreams = 8 };
        await using YamuxPair pair = overTcp
            ? await YamuxPair.OverTcpAsync(small, small)
            : await YamuxPair.OverMemoryAsync(small, small);
        Task<int>[] serves = [ServeAsync(pair.Dialer, seed + 100), ServeAsync(pair.Listener, seed + 200)];

        Task[] callers =
        [
            .. Enumerable.Range(0, 6).Select(i => CallAsync(pair.Dialer, seed + (ulong)i)),
            .. Enumerable.Range(6, 6).Select(i => CallAsync(pair.Listener, seed + (ulong)i)),
        ];
        await Task.WhenAll(callers).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Null(pair.Dialer.CloseReason);
        Assert.Null(pair.Listener.CloseReason);
        await pair.DisposeAsync();
        int[] served = await Task.WhenAll(serves).WaitAsync(YamuxPair.Patience);
        Assert.All(served, count => Assert.True(count > 100));
    }

    private static async Task CallAsync(YamuxConnection connection, ulong seed)
    {
        // On the pool from the start, so that the callers are truly at once.
        await Task.Yield();
        var chance = new SeededChance(seed);
        for (int i = 0; i < 60; i++)
        {
            await using YamuxStream stream = await connection.OpenStreamAsync(CancellationToken.None);
            try
            {
                int length = 1 + chance.NextInt32(chance.NextInt32(5) == 0 ? 1_000_000 : 20_000);
                Task<long> reply = CheckAsync(stream.Input);
                await WriteAsync(stream, length, chance);
                if (chance.NextInt32(6) == 0)
                {
                    stream.Reset();
                }

                await stream.CloseWriteAsync(CancellationToken.None);
                Assert.Equal(length, await reply);
            }
            catch (StreamException exception)
            {
                Assert.True(exception.Reason is StreamFault.ResetByPeer or StreamFault.ResetLocally);
            }
        }
    }

    private static async Task<int> ServeAsync(YamuxConnection connection, ulong seed)
    {
        var chance = new SeededChance(seed);
        var handlers = new List<Task>();
        while (await connection.AcceptStreamAsync(CancellationToken.None) is { } stream)
        {
            handlers.Add(EchoAsync(stream, chance.NextInt32(12) == 0 ? chance.NextInt32(100_000) : int.MaxValue));
        }

        await Task.WhenAll(handlers);
        return handlers.Count;
    }

    // Sends back what comes, and resets the stream when more than a limit came.
    private static async Task EchoAsync(YamuxStream stream, int limit)
    {
        await Task.Yield();
        await using (stream)
        {
            try
            {
                long length = 0;
                while (true)
                {
                    ReadResult result = await stream.Input.ReadAsync();
                    foreach (ReadOnlyMemory<byte> part in result.Buffer)
                    {
                        await stream.WriteAsync(part, CancellationToken.None);
                    }

                    length += result.Buffer.Length;
                    stream.Input.AdvanceTo(result.Buffer.End);
                    if (length > limit)
                    {
                        stream.Reset();
                    }

                    if (result.IsCompleted)
                    {
                        await stream.CloseWriteAsync(CancellationToken.None);
                        return;
                    }
                }
            }
            catch (StreamException exception)
            {
                Assert.NotEqual(StreamFault.WriteClosed, exception.Reason);
            }
        }
    }

    private static async Task WriteAsync(YamuxStream stream, int length, SeededChance chance)
    {
        for (int i = 0; i < length;)
        {
            byte[] bytes = new byte[Math.Min(length - i, 1 + chance.NextInt32(100_000))];
            for (int k = 0; k < bytes.Length; k++)
            {
                bytes[k] = ByteAt(i + k);
            }

            if (!stream.TryWrite(bytes))
            {
                await stream.WriteAsync(bytes, CancellationToken.None);
            }

            i += bytes.Length;
        }
    }

    // Reads to the end and checks that every byte is the one that belongs at its place.
    private static async Task<long> CheckAsync(PipeReader input)
    {
        long at = 0;
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in result.Buffer)
            {
                foreach (byte one in part.Span)
                {
                    Invariant.Check(one == ByteAt(at++));
                }
            }

            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return at;
            }
        }
    }

    private static byte ByteAt(long position) => (byte)((position * 31) >> 5);
}
