using Microsoft.Extensions.Logging.Abstractions;
using Pmq.Core.Hosting;
using Pmq.Libp2p.Noise;
using Pmq.Libp2p.Transport;
using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Tests.Yamux;

/// <summary>A connection of ours, and at its other end a peer who writes and reads frames by hand.</summary>
internal sealed class RawYamuxPeer : IAsyncDisposable
{
    private RawYamuxPeer(YamuxConnection connection, NoiseChannel channel, StallableTransport transport)
    {
        Transport = transport;
        Connection = connection;
        Channel = channel;
    }

    /// <summary>The connection under test; it dialed, so the peer's streams have even ids.</summary>
    public YamuxConnection Connection { get; }

    public NoiseChannel Channel { get; }

    /// <summary>What the connection under test sends through.</summary>
    public StallableTransport Transport { get; }

    public static async Task<RawYamuxPeer> CreateAsync(YamuxOptions? options = null, TimeProvider? time = null)
    {
        (ITransportConnection a, ITransportConnection b) = YamuxPair.MemoryTransports();
        var stallable = new StallableTransport(a);
        (NoiseChannel ours, NoiseChannel theirs) = await YamuxPair.HandshakeAsync(stallable, b);
        var connection = new YamuxConnection(
            ours,
            ConnectionDirection.Outbound,
            options ?? YamuxOptions.Default,
            time ?? TimeProvider.System,
            NullLogger.Instance);
        connection.Start();
        return new RawYamuxPeer(connection, theirs, stallable);
    }

    public Task SendAsync(params byte[][] frames) =>
        Channel.WriteAsync(frames.SelectMany(f => f).ToArray(), CancellationToken.None)
            .AsTask().WaitAsync(YamuxPair.Patience);

    /// <summary>The next stream that the connection under test accepts.</summary>
    public async Task<YamuxStream> AcceptAsync() =>
        (await Connection.AcceptStreamAsync(CancellationToken.None).AsTask().WaitAsync(YamuxPair.Patience))!;

    /// <summary>Reads the next frame; null at the end of the stream.</summary>
    public async Task<(YamuxHeader Header, byte[] Body)?> ReadFrameAsync()
    {
        byte[]? header = await ReadAsync(YamuxHeader.Size);
        if (header is null)
        {
            return null;
        }

        Assert.Equal(YamuxViolation.None, YamuxHeader.Read(header, out YamuxHeader parsed));
        bool hasBody = parsed.Type == YamuxFrameType.Data && parsed.Length > 0;
        return (parsed, hasBody ? (await ReadAsync((int)parsed.Length))! : []);
    }

    /// <summary>Reads frames until one fits; the others are dropped.</summary>
    public async Task<(YamuxHeader Header, byte[] Body)> ReadUntilAsync(Func<YamuxHeader, bool> fits)
    {
        while (await ReadFrameAsync() is { } frame)
        {
            if (fits(frame.Header))
            {
                return frame;
            }
        }

        throw new InvalidOperationException("The stream ended before such a frame came.");
    }

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        await Connection.DisposeAsync();
    }

    private async Task<byte[]?> ReadAsync(int length)
    {
        var bytes = new byte[length];
        for (int i = 0; i < length;)
        {
            int read = await Channel.ReadAsync(bytes.AsMemory(i), CancellationToken.None)
                .AsTask().WaitAsync(YamuxPair.Patience);
            if (read == 0)
            {
                return null;
            }

            i += read;
        }

        return bytes;
    }
}
