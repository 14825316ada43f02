using System.Buffers;
using System.IO.Pipelines;
using Pmq.Core.Addresses;
using Pmq.Core.Encoding;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Tests.Fixtures;
using Pmq.Libp2p;

namespace Pmq.Interop.Tests.Attacks;

/// <summary>
/// A peer with a host but no router: what it says on its gossip stream is written byte by byte by the test. TCP, Noise
/// and Yamux are real, and so is its identity.
/// </summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private readonly PrivateKey _identity;
    private readonly Libp2pHost _host;
    private readonly string _protocol;
    private readonly Lock _gate = new();
    private readonly List<HeardRpc> _heard = [];
    private TaskCompletionSource _news = New();
    private IStream? _stream;

    private RawPeer(string protocol)
    {
        _protocol = protocol;
        _identity = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        _host = new Libp2pHost(new Libp2pHostOptions
        {
            Identity = _identity,
            ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")],
        });
        _host.Handle(protocol, ListenAsync);
    }

    public PeerId Id => _host.LocalPeer;

    /// <summary>What it was sent so far.</summary>
    public IReadOnlyList<HeardRpc> Heard
    {
        get
        {
            lock (_gate)
            {
                return [.. _heard];
            }
        }
    }

    /// <summary>Connects to a peer and opens the gossip stream to it.</summary>
    public static async Task<RawPeer> ConnectAsync(GossipPeer to, string protocol = "/meshsub/1.2.0")
    {
        var peer = new RawPeer(protocol);
        try
        {
            await peer._host.StartAsync(Pair.Deadline);
            var connection = await peer._host.ConnectAsync(Multiaddr.Parse(to.Address), Pair.Deadline);
            peer._stream = await connection.OpenStreamAsync([protocol], Pair.Deadline);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends one RPC.</summary>
    public async Task SendAsync(RpcBuilder rpc)
    {
        byte[] body = rpc.Build();
        byte[] frame = new byte[body.Length + Varint.MaxLength];
        int prefix = Varint.Write(frame, (ulong)body.Length);
        body.CopyTo(frame, prefix);
        await _stream!.WriteAsync(frame.AsMemory(0, prefix + body.Length), Pair.Deadline);
    }

    /// <summary>The first RPC, past or future, that satisfies <paramref name="condition"/>.</summary>
    public async Task<HeardRpc> HearAsync(Func<HeardRpc, bool> condition)
    {
        while (true)
        {
            Task next;
            lock (_gate)
            {
                if (_heard.FirstOrDefault(condition) is { } found)
                {
                    return found;
                }

                next = _news.Task;
            }

            await next.WaitAsync(Pair.Deadline);
        }
    }

    /// <summary>Waits until its connection has ended.</summary>
    public async Task EndAsync()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = _stream!.Connection.Closed.Register(ended.SetResult);
        await ended.Task.WaitAsync(Pair.Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _identity.Dispose();
    }

    private async Task ListenAsync(IStream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await stream.Input.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> rest = read.Buffer;
            while (TryTakeFrame(ref rest, out byte[] rpc))
            {
                Note(HeardRpc.Read(rpc));
            }

            stream.Input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private static bool TryTakeFrame(ref ReadOnlySequence<byte> rest, out byte[] rpc)
    {
        rpc = [];
        ReadOnlySpan<byte> head = rest.Slice(0, Math.Min(rest.Length, Varint.MaxLength)).ToArray();
        if (Varint.Read(head, out ulong size, out int prefix) != VarintStatus.Done || rest.Length - prefix < (long)size)
        {
            return false;
        }

        rpc = rest.Slice(prefix, (long)size).ToArray();
        rest = rest.Slice(prefix + (long)size);
        return true;
    }

    private void Note(HeardRpc rpc)
    {
        TaskCompletionSource news;
        lock (_gate)
        {
            _heard.Add(rpc);
            news = _news;
            _news = New();
        }

        news.SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
