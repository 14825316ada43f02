using System.IO.Pipelines;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Tests.Yamux;

public sealed class YamuxConnectionTests
{
    [Fact]
    public async Task Data_arrives_in_order_in_both_directions()
    {
        await using YamuxPair pair = await YamuxPair.OverMemoryAsync();
        (YamuxStream opener, YamuxStream acceptor) = await pair.OpenAsync();
        byte[] there = Bytes(3_000_000, seed: 1);
        byte[] back = Bytes(1_000_000, seed: 2);

        Task<byte[]> atListener = acceptor.ReadToEndAsync();
        Task<byte[]> atDialer = opener.ReadToEndAsync();
        await Task.WhenAll(WriteAllAsync(opener, there), WriteAllAsync(acceptor, back));

        Assert.Equal(there, await atListener);
        Assert.Equal(back, await atDialer);
    }

    [Fact]
    public async Task Data_arrives_in_order_over_tcp()
    {
        await using YamuxPair pair = await YamuxPair.OverTcpAsync();
        (YamuxStream opener, YamuxStream acceptor) = await pair.OpenAsync();
        byte[] there = Bytes(30_000_000, seed: 3);

        Task<byte[]> atListener = acceptor.ReadToEndAsync();
        await WriteAllAsync(opener, there);

        Assert.Equal(there, await atListener);
    }

    private static async Task WriteAllAsync(YamuxStream stream, byte[] bytes)
    {
        var chance = new SeededChance((ulong)bytes.Length);
        for (int i = 0; i < bytes.Length;)
        {
            int length = Math.Min(bytes.Length - i, 1 + chance.NextInt32(chance.NextInt32(10) == 0 ? 200_000 : 5_000));
            await stream.WriteAsync(bytes.AsMemory(i, length), CancellationToken.None);
            i += length;
        }

        await stream.CloseWriteAsync(CancellationToken.None);
    }

    private static byte[] Bytes(int length, ulong seed)
    {
        var chance = new SeededChance(seed);
        var bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)chance.NextUInt64();
        }

        return bytes;
    }
}
