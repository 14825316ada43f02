using System.IO.Pipelines;
using System.Text;
using Pmq.Core.Hosting;
using Pmq.Engine.Gossip;

namespace Pmq.Engine.Tests;

/// <summary>What becomes of what waits for a stream.</summary>
public sealed class OutboundQueueTests
{
    [Fact]
    public async Task Control_that_a_broken_stream_did_not_take_goes_out_on_the_next_and_lost_messages_are_counted()
    {
        var queue = new OutboundQueue(100, 100);
        queue.OfferControl("c1"u8.ToArray());
        queue.OfferControl("c2"u8.ToArray());
        Assert.Equal(OutboundOutcome.Queued, queue.OfferPayload("p1"u8.ToArray()));
        var broken = new FakeStream(room: 1);
        broken.OnRefused = () => queue.OfferControl("c3"u8.ToArray());

        await Assert.ThrowsAsync<StreamException>(() => queue.WriteAsync(broken, CancellationToken.None));

        Assert.Equal(["c1"], broken.Written);
        Assert.Equal(1, queue.TakeLost());
        Assert.Equal(0, queue.TakeLost());
        Assert.Equal(4, queue.QueuedBytes);
        queue.CompleteAfterDrain();
        var next = new FakeStream(room: 9);
        await queue.WriteAsync(next, CancellationToken.None);
        Assert.Equal(["c2", "c3"], next.Written);
        Assert.Equal(0, queue.QueuedBytes);
        Assert.Equal(0, queue.TakeLost());
    }

    /// <summary>Takes so many frames, then breaks.</summary>
    private sealed class FakeStream(int room) : IStream
    {
        public List<string> Written { get; } = [];

        public Action OnRefused { get; set; } = static () => { };

        public long Id => 1;

        public string Protocol => "";

        public IConnection Connection => throw new NotSupportedException();

        public ConnectionDirection Direction => ConnectionDirection.Outbound;

        public PipeReader Input => throw new NotSupportedException();

        public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            OnRefused();
            throw new StreamException(StreamFault.ResetByPeer, "broken by the test");
        }

        public bool TryWrite(ReadOnlySpan<byte> data)
        {
            if (Written.Count == room)
            {
                return false;
            }

            Written.Add(Encoding.UTF8.GetString(data));
            return true;
        }

        public ValueTask CloseWriteAsync(CancellationToken cancellationToken) => default;

        public void Reset()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
