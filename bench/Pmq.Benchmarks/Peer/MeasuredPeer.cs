using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text.Json.Nodes;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Engine;
using Pmq.Libp2p;

namespace Pmq.Benchmarks.Peer;

/// <summary>A host, or a whole peer where gossip is measured, and the ops on it.</summary>
internal sealed class MeasuredPeer : IScripted
{
    private const string SinkProtocol = "/pmq/bench/sink/1";
    private const string ByteProtocol = "/pmq/bench/byte/1";
    private const string Topic = "bench";
    private const int Unlimited = 1 << 20;
    private const int ListenerQueue = 1_000_000;

    private static readonly CloseReason Over = new(CloseKind.LocalClose);

    private readonly Counters _counters = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _loops = [];
    private PrivateKey? _identity;
    private IHost? _host;
    private PmqPeer? _peer;

    private IHost Host => _host ?? throw new InvalidOperationException("not started");

    private PmqPeer Peer => _peer ?? throw new InvalidOperationException("started without gossip");

    public async Task<JsonObject> HandleAsync(string op, JsonObject arguments)
    {
        switch (op)
        {
            case "start":
                return await StartAsync(IsSet(arguments, "gossip"), IsSet(arguments, "identify"));
            case "dial":
                await Host.ConnectAsync(Multiaddr.Parse(Text(arguments, "address")), _stopping.Token);
                break;
            case "countConnections":
                _counters.CountInboundUpgrades();
                break;
            case "subscribe":
                await SubscribeAsync(Number(arguments, "peers"));
                break;
            case "loop":
                _loops.Add(LoopAsync(Text(arguments, "kind"), arguments));
                break;
            case "stop":
                await StopAsync();
                break;
            case "measure":
                return await _counters.MeasureAsync(
                    arguments["seconds"]!.GetValue<double>(), IsSet(arguments, "latency"), _stopping.Token);
            default:
                throw new ArgumentException($"unknown op {op}");
        }

        return [];
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_loops);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await (_peer?.DisposeAsync() ?? _host?.DisposeAsync() ?? ValueTask.CompletedTask);
        _identity?.Dispose();
        _counters.Dispose();
        _stopping.Dispose();
    }

    private static bool IsSet(JsonObject arguments, string name) => arguments[name]?.GetValue<bool>() == true;

    private static string Text(JsonObject arguments, string name) => arguments[name]!.GetValue<string>();

    private static int Number(JsonObject arguments, string name) => arguments[name]!.GetValue<int>();

    private async Task<JsonObject> StartAsync(bool gossip, bool identify)
    {
        if (gossip)
        {
            _peer = await PmqPeer.StartAsync(new PmqPeerOptions { Validation = ValidationMode.None }, _stopping.Token);
            _host = _peer.Host;
        }
        else
        {
            _identity = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
            var host = new Libp2pHost(new Libp2pHostOptions
            {
                Identity = _identity,
                ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")],
                MaxInboundStreamsPerProtocol = Unlimited,
                AskIdentify = identify,
            });
            host.Handle(SinkProtocol, SinkAsync);
            host.Handle(ByteProtocol, ByteAsync);
            await host.StartAsync(_stopping.Token);
            _host = host;
        }

        return new JsonObject
        {
            ["peerId"] = Host.LocalPeer.ToString(),
            ["address"] = Host.ListenAddresses[0].ToString(),
        };
    }

    private async Task SinkAsync(IStream stream, CancellationToken cancellationToken)
    {
        ReadResult read;
        do
        {
            read = await stream.Input.ReadAsync(cancellationToken);
            _counters.Add(read.Buffer.Length);
            stream.Input.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);
    }

    private static async Task ByteAsync(IStream stream, CancellationToken cancellationToken)
    {
        ReadResult read = await stream.Input.ReadAsync(cancellationToken);
        await stream.WriteAsync(read.Buffer.First[..1], cancellationToken);
        stream.Input.AdvanceTo(read.Buffer.End);
        await stream.CloseWriteAsync(cancellationToken);
    }

    private async Task SubscribeAsync(int peers)
    {
        MessageListener listener = Peer.Listen(new ListenOptions { QueueSize = ListenerQueue });
        _loops.Add(ListenAsync(listener));
        await Peer.SubscribeAsync(Topic, _stopping.Token);
        while ((await Peer.GetPeersAsync(_stopping.Token)).Count(p => p.MeshTopics.Contains(Topic)) < peers)
        {
            await Task.Delay(50, _stopping.Token);
        }
    }

    private async Task ListenAsync(MessageListener listener)
    {
        await using (listener)
        {
            try
            {
                await foreach (ReceivedMessage message in listener.ReadAllAsync(_stopping.Token))
                {
                    if (message.ReceivedFrom.Equals(Peer.LocalPeer))
                    {
                        continue;
                    }

                    _counters.Add(message.Data.Length);
                    if (_counters.IsTimed)
                    {
                        _counters.AddLatency(BinaryPrimitives.ReadInt64BigEndian(message.Data.Span));
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // Stopped.
            }
        }
    }

    private async Task LoopAsync(string kind, JsonObject arguments)
    {
        await Task.Yield();
        try
        {
            await (kind switch
            {
                "send" => SendAsync(Text(arguments, "peer"), Number(arguments, "writeBytes")),
                "handshakes" => HandshakesAsync(Multiaddr.Parse(Text(arguments, "address"))),
                "opens" => OpensAsync(Text(arguments, "peer")),
                "publish" => PublishAsync(Number(arguments, "messageBytes")),
                "paced" => PaceAsync(Number(arguments, "messageBytes"), Number(arguments, "rate")),
                _ => throw new ArgumentException($"unknown loop {kind}"),
            });
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // Over.
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"loop {kind}: {e}");
        }
    }

    private IConnection ConnectionTo(string peer) => Host.Connections.First(c => c.RemotePeer.ToString() == peer);

    private async Task SendAsync(string peer, int writeBytes)
    {
        await using IStream stream = await ConnectionTo(peer).OpenStreamAsync([SinkProtocol], _stopping.Token);
        byte[] chunk = new byte[writeBytes];
        while (!_stopping.IsCancellationRequested)
        {
            await stream.WriteAsync(chunk, CancellationToken.None);
        }
    }

    private async Task HandshakesAsync(Multiaddr address)
    {
        while (!_stopping.IsCancellationRequested)
        {
            await Host.ConnectAsync(address, _stopping.Token);
            await Host.DisconnectAsync(address.Peer!, Over);
        }
    }

    private async Task OpensAsync(string peer)
    {
        IConnection connection = ConnectionTo(peer);
        string[] protocols = [ByteProtocol];
        byte[] question = [7];
        while (!_stopping.IsCancellationRequested)
        {
            await using IStream stream = await connection.OpenStreamAsync(protocols, CancellationToken.None);
            await stream.WriteAsync(question, CancellationToken.None);
            ReadResult read = await stream.Input.ReadAsync(CancellationToken.None);
            stream.Input.AdvanceTo(read.Buffer.End);
            await stream.CloseWriteAsync(CancellationToken.None);
            _counters.Add(1);
        }
    }

    private async Task PublishAsync(int messageBytes)
    {
        byte[] data = new byte[messageBytes];
        for (long i = 0; !_stopping.IsCancellationRequested; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(data, i);
            PublishOutcome outcome = await Peer.PublishAsync(Topic, data, _stopping.Token);
            if (outcome.Dropped > 0)
            {
                // The peer's outbound queue is full: let it drain a little.
                await Task.Delay(1, _stopping.Token);
            }
        }
    }

    private async Task PaceAsync(int messageBytes, int rate)
    {
        byte[] data = new byte[messageBytes];
        TimeSpan period = TimeSpan.FromSeconds(1.0 / rate);
        long start = Stopwatch.GetTimestamp();
        for (long i = 0; !_stopping.IsCancellationRequested; i++)
        {
            TimeSpan early = (period * i) - Stopwatch.GetElapsedTime(start);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, _stopping.Token);
            }

            BinaryPrimitives.WriteInt64BigEndian(data, Stopwatch.GetTimestamp());
            BinaryPrimitives.WriteInt64BigEndian(data.AsSpan(8), i);
            await Peer.PublishAsync(Topic, data, _stopping.Token);
        }
    }
}
