using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Pmq.Testing.Network;

/// <summary>How a <see cref="TcpProxy"/> treats what passes.</summary>
public sealed record TcpProxyOptions
{
    /// <summary>The time between receiving a byte and sending it on, in each direction. Default none.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The first bytes of each direction that are sent on one by one, each in a segment of its own. Default none.</summary>
    public int SingleBytes { get; init; }

    /// <summary>What the link holds in each direction; beyond it the sender waits. Default 64 MiB.</summary>
    public int CapacityBytes { get; init; } = 64 * 1024 * 1024;
}

/// <summary>
/// A link of the tests: it listens on loopback, connects each client to the target, and passes bytes with a delay, byte
/// by byte, or, once frozen, not at all, as a network that drops everything does.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private const int ChunkBytes = 64 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _target;
    private readonly TcpProxyOptions _options;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _links = [];
    private readonly Task _accepting;
    private readonly TaskCompletionSource _never = new();
    private volatile bool _isFrozen;
    private readonly SemaphoreSlim _passed = new(0);
    private long _toTarget;
    private long _fromTarget;

    /// <summary>Starts to listen.</summary>
    /// <param name="targetPort">The loopback port that clients are connected to.</param>
    /// <param name="options">How bytes pass.</param>
    public TcpProxy(int targetPort, TcpProxyOptions? options = null)
    {
        _target = new IPEndPoint(IPAddress.Loopback, targetPort);
        _options = options ?? new TcpProxyOptions();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Waits until <paramref name="pieces"/> more pieces than now have passed in each direction.</summary>
    public async Task PassedAsync(int pieces, CancellationToken cancellationToken)
    {
        long toTarget = Interlocked.Read(ref _toTarget) + pieces;
        long fromTarget = Interlocked.Read(ref _fromTarget) + pieces;
        while (Interlocked.Read(ref _toTarget) < toTarget || Interlocked.Read(ref _fromTarget) < fromTarget)
        {
            await _passed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>From now on nothing passes, and neither side is told.</summary>
    public void Freeze() => _isFrozen = true;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _never.TrySetCanceled();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_links);
        _stopping.Dispose();
        _passed.Dispose();
    }

    private void Count(ref long passed)
    {
        Interlocked.Increment(ref passed);
        _passed.Release();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_stopping.Token);
                _links.Add(LinkAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task LinkAsync(Socket client)
    {
        using var target = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                await target.ConnectAsync(_target, _stopping.Token);
                client.NoDelay = target.NoDelay = true;
                await Task.WhenAll(
                    PassAsync(client, target, () => Count(ref _toTarget)),
                    PassAsync(target, client, () => Count(ref _fromTarget)));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One side is gone: both sockets close, which tells the other.
            }
        }
    }

    private async Task PassAsync(Socket from, Socket to, Action count)
    {
        var link = Channel.CreateBounded<(long Due, byte[] Data)>(Math.Max(1, _options.CapacityBytes / ChunkBytes));
        Task sending = SendAsync(link.Reader, to, count);
        byte[] buffer = new byte[ChunkBytes];
        try
        {
            while (await from.ReceiveAsync(buffer, _stopping.Token) is var length and > 0)
            {
                if (_isFrozen)
                {
                    await _never.Task;
                }

                long due = Stopwatch.GetTimestamp() + (long)(_options.Delay.TotalSeconds * Stopwatch.Frequency);
                await link.Writer.WriteAsync((due, buffer.AsSpan(0, length).ToArray()), _stopping.Token);
            }
        }
        catch (SocketException)
        {
            to.Dispose();
        }
        finally
        {
            link.Writer.TryComplete();
            await sending;
        }
    }

    private async Task SendAsync(ChannelReader<(long Due, byte[] Data)> link, Socket to, Action count)
    {
        int singleBytes = _options.SingleBytes;
        try
        {
            await foreach (var (due, data) in link.ReadAllAsync(_stopping.Token))
            {
                TimeSpan rest = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (rest > TimeSpan.FromMilliseconds(1))
                {
                    // The link's own delay, not a wait of a test.
                    await Task.Delay(rest, _stopping.Token);
                }

                int at = 0;
                for (; at < data.Length && singleBytes > 0; at++, singleBytes--)
                {
                    await to.SendAsync(data.AsMemory(at, 1), _stopping.Token);
                }

                if (at < data.Length)
                {
                    await to.SendAsync(data.AsMemory(at), _stopping.Token);
                }

                count();
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The receiving side is gone; the other pump notices.
        }
    }
}
