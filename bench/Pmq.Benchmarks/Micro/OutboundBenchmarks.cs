using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Engine.Gossip;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;

namespace Pmq.Benchmarks.Micro;

/// <summary>What a message costs on its way through a peer's queue, the stream's own work left out.</summary>
[MemoryDiagnoser]
public class OutboundBenchmarks
{
    private const int Messages = 1000;

    private readonly OutboundQueue _open = NewQueue();
    private readonly OutboundQueue _closed = NewQueue();
    private readonly Stream _stream = new();
    private GossipMessage[] _messages = [];

    /// <summary>Composes the messages and opens one of the queues.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        using PrivateKey key = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        var composer = new MessageComposer(new GossipsubOptions(), key);
        _messages = new GossipMessage[Messages];
        byte[] data = new byte[1024];
        for (int i = 0; i < Messages; i++)
        {
            BitConverter.TryWriteBytes(data, i);
            composer.TryCompose("bench", data, (ulong)i, out GossipMessage? message);
            _messages[i] = message!;
        }

        _ = _open.WriteAsync(_stream, CancellationToken.None);
        _closed.CompleteAfterDrain();
    }

    /// <summary>Straight into the stream.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public void Direct()
    {
        foreach (GossipMessage message in _messages)
        {
            if (_open.Offer(message, SendClass.Relay, TimeSpan.Zero) != OutboundOutcome.Sent)
            {
                throw new InvalidOperationException("The message was not sent at once.");
            }
        }
    }

    /// <summary>Into the queue, and out of it by the writer.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public Task Queued()
    {
        foreach (GossipMessage message in _messages)
        {
            _closed.Offer(message, SendClass.Relay, TimeSpan.Zero);
        }

        return _closed.WriteAsync(_stream, CancellationToken.None);
    }

    private static OutboundQueue NewQueue() => new(
        new OutboundOptions { PublishBytes = 4 * 1024 * 1024, RelayBytes = 4 * 1024 * 1024 }, () => TimeSpan.Zero);

    /// <summary>Takes everything and does nothing with it.</summary>
    private sealed class Stream : IStream
    {
        public long Id => 1;

        public string Protocol => "";

        public IConnection Connection => throw new NotSupportedException();

        public ConnectionDirection Direction => ConnectionDirection.Outbound;

        public PipeReader Input => throw new NotSupportedException();

        public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => default;

        public bool TryWrite(ReadOnlySpan<byte> data) => true;

        public ValueTask CloseWriteAsync(CancellationToken cancellationToken) => default;

        public void Reset()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
