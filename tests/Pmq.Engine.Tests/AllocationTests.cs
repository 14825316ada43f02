using System.IO.Pipelines;
using Pmq.Core.Hosting;
using Pmq.Gossipsub;

namespace Pmq.Engine.Tests;

/// <summary>What a forwarded message costs the garbage collector, transport and all.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    private const string Topic = "t";
    private const int Size = 1024;

    [Fact]
    public async Task Forwarding_allocates_the_payload_once_and_little_beside_it()
    {
        const int WarmUp = 4000;
        const int Counted = 4000;
        await using PmqPeer middle = await PeerHarness.StartAsync(new PmqPeerOptions
        {
            ListenAddresses = [PeerHarness.MemoryAddress()],
            Topics = [Topic],
            Validation = ValidationMode.None,

            // Small tables, so that they have stopped to grow before the count begins.
            Gossipsub = new GossipsubOptions { MaxSeen = 3000, HistoryBytes = 1024 * 1024 },
        });
        byte[][] frames = [.. Enumerable.Range(0, WarmUp + Counted).Select(Frame)];
        using var received = new Received();
        (RawPeer sink, IConnection toSink) = await RawPeer.ConnectAsync(middle.ListenAddresses[0], received.ReadAsync);
        (RawPeer source, IConnection toSource) = await RawPeer.ConnectAsync(middle.ListenAddresses[0]);
        await using RawPeer disposedFirst = sink;
        await using RawPeer disposedSecond = source;
        await using IStream sinkStream = await toSink.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        await sinkStream.WriteAsync(RawPeer.Subscription(Topic), PeerHarness.Deadline);
        await sinkStream.WriteAsync(RawPeer.Graft(Topic), PeerHarness.Deadline);
        await middle.MeshAsync(Topic, 1);
        await using IStream sourceStream = await toSource.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);

        await PassAsync(sourceStream, frames.AsMemory(0, WarmUp), received);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await PassAsync(sourceStream, frames.AsMemory(WarmUp), received);
        long perMessage = (GC.GetTotalAllocatedBytes(precise: true) - before) / Counted;

        Assert.InRange(perMessage, Size, Size + 512);
    }

    private static byte[] Frame(int number)
    {
        byte[] data = new byte[Size];
        BitConverter.TryWriteBytes(data, number);
        return RawPeer.Message(Topic, data);
    }

    /// <summary>
    /// Sends the frames, a window at a time so that no queue overflows, and waits until they came out.
    /// </summary>
    private static async Task PassAsync(IStream stream, ReadOnlyMemory<byte[]> frames, Received received)
    {
        for (int i = 0; i < frames.Length; i++)
        {
            byte[] frame = frames.Span[i];
            await stream.WriteAsync(frame, CancellationToken.None);
            if (i % 500 == 499)
            {
                await received.WaitAsync(500 * (long)frame.Length);
            }
        }
    }

    /// <summary>Counts the bytes of payload that come out.</summary>
    private sealed class Received : IDisposable
    {
        private readonly SemaphoreSlim _come = new(0);
        private long _bytes;
        private long _waitedFor;

        public async Task ReadAsync(IStream stream, CancellationToken cancellationToken)
        {
            try
            {
                ReadResult result;
                do
                {
                    result = await stream.Input.ReadAsync(cancellationToken);
                    Interlocked.Add(ref _bytes, result.Buffer.Length);
                    stream.Input.AdvanceTo(result.Buffer.End);
                    _come.Release();
                }
                while (!result.IsCompleted);
            }
            catch (StreamException)
            {
                // The other side ended it.
            }
        }

        public void Dispose() => _come.Dispose();

        public async Task WaitAsync(long bytes)
        {
            _waitedFor += bytes;
            while (Interlocked.Read(ref _bytes) < _waitedFor)
            {
                Assert.True(await _come.WaitAsync(PeerHarness.Patience), "The messages did not come out.");
            }
        }
    }
}
