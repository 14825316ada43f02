using System.IO.Pipelines;
using System.Text;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Engine.Gossip;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;

namespace Pmq.Engine.Tests;

/// <summary>What becomes of what waits for a stream.</summary>
public sealed class OutboundQueueTests
{
    private const int Room = 100;

    // Room for one message of 70 bytes and a short one.
    private const int LaneRoom = Room + 44 + (2 * OutboundLane.SlotBytes);

    private static readonly MessageComposer Composer =
        new(new GossipsubOptions(), PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance));

    private static ulong _lastNumber;
    private TimeSpan _now;

    [Fact]
    public async Task Control_that_a_broken_stream_did_not_take_goes_out_on_the_next_and_lost_messages_are_counted()
    {
        OutboundQueue queue = Queue();
        queue.OfferControl("c1"u8.ToArray());
        queue.OfferControl("c2"u8.ToArray());
        Offer(queue, Message("p1"), SendClass.Publish, OutboundOutcome.Queued);
        var broken = new FakeStream(room: 1);
        broken.OnRefused = () =>
        {
            queue.OfferControl("c3"u8.ToArray());
            throw new StreamException(StreamFault.ResetByPeer, "broken by the test");
        };

        await Assert.ThrowsAsync<StreamException>(() => queue.WriteAsync(broken, CancellationToken.None));

        Assert.Equal(["c1"], broken.Written);
        OutboundDrops drops = queue.TakeDrops(out _);
        Assert.Equal(1, drops[SendClass.Publish, OutboundDrop.StreamBroken]);
        Assert.Equal(1, drops.Total);
        Assert.Equal(0, queue.TakeDrops(out _).Total);
        Assert.Equal(4, queue.QueuedBytes);
        Assert.Equal(["c2", "c3"], await DrainAsync(queue));
        Assert.Equal(0, queue.QueuedBytes);
        Assert.Equal(0, queue.TakeDrops(out _).Total);
    }

    [Fact]
    public async Task Control_goes_before_publications_and_these_before_relays()
    {
        OutboundQueue queue = Queue();
        Offer(queue, Message("r1"), SendClass.Relay, OutboundOutcome.Queued);
        Offer(queue, Message("p1"), SendClass.Publish, OutboundOutcome.Queued);
        Offer(queue, Message("a1"), SendClass.IwantAnswer, OutboundOutcome.Queued);
        queue.OfferControl("c1"u8.ToArray());

        Assert.Equal(["c1", "p1", "r1", "a1"], await DrainAsync(queue));
    }

    [Fact]
    public async Task A_flood_of_our_own_publications_leaves_a_part_of_each_batch_to_what_is_passed_on()
    {
        OutboundQueue queue = Queue(bytes: 1024 * 1024);
        for (int i = 0; i < 40; i++)
        {
            Offer(queue, Message($"{i}" + new string('p', 8000)), SendClass.Publish, OutboundOutcome.Queued);
        }

        Offer(queue, Message("r1"), SendClass.Relay, OutboundOutcome.Queued);

        List<string> written = await DrainAsync(queue);

        Assert.Equal(41, written.Count);
        Assert.InRange(written.IndexOf("r1"), 1, 8);
    }

    [Fact]
    public async Task Publications_larger_than_a_batch_leave_a_quarter_of_the_stream_to_what_is_passed_on()
    {
        OutboundQueue queue = Queue(bytes: 4 * 1024 * 1024);
        for (int i = 0; i < 4; i++)
        {
            Offer(queue, Message($"{i}" + new string('p', 300_000)), SendClass.Publish, OutboundOutcome.Queued);
        }

        for (int i = 0; i < 30; i++)
        {
            Offer(queue, Message($"{i}" + new string('r', 10_000)), SendClass.Relay, OutboundOutcome.Queued);
        }

        List<string> written = await DrainAsync(queue);

        int[] publications =
            [.. Enumerable.Range(0, written.Count).Where(index => written[index].EndsWith('p'))];
        Assert.Equal([0, 11, 22, 33], publications);
    }

    [Fact]
    public void A_full_class_drops_by_its_policy_and_counts_it()
    {
        OutboundQueue queue = Queue();
        foreach (SendClass sendClass in new[] { SendClass.Publish, SendClass.Relay })
        {
            Offer(queue, Message($"{sendClass} 1" + new string('x', 70)), sendClass, OutboundOutcome.Queued);
            Offer(queue, Message($"{sendClass} 2" + new string('x', 70)), sendClass, OutboundOutcome.Full);
        }

        // Control over its bound is refused whole, not dropped: the driver disconnects the peer.
        Assert.True(queue.OfferControl(new byte[Room]));
        Assert.False(queue.OfferControl("c"u8.ToArray()));

        // What is refused is the caller's to count; what gives way to it is counted here.
        Assert.Equal(0, queue.TakeDrops(out _).Total);
        _now = TimeSpan.FromSeconds(6);
        Offer(queue, Message("publish 3" + new string('x', 70)), SendClass.Publish, OutboundOutcome.Queued);
        Offer(queue, Message("relay 3" + new string('x', 70)), SendClass.Relay, OutboundOutcome.Queued);
        OutboundDrops drops = queue.TakeDrops(out _);
        Assert.Equal(1, drops[SendClass.Publish, OutboundDrop.Stale]);
        Assert.Equal(1, drops[SendClass.Relay, OutboundDrop.Stale]);
        Assert.Equal(2, drops.Total);
    }

    [Fact]
    public async Task Idontwants_that_wait_keep_no_message_in_memory_and_never_fill_the_room_of_control()
    {
        OutboundQueue queue = Queue();
        byte[] message = "c0 and the message"u8.ToArray();
        Assert.True(queue.OfferIDontWant(message.AsMemory(0, 2)));
        message.AsSpan().Clear();
        int taken = Enumerable.Range(0, 100).Count(_ => queue.OfferIDontWant("c2"u8.ToArray()));

        Assert.Equal((Room / 4 / 2) - 1, taken);
        Assert.True(queue.OfferControl("c1"u8.ToArray()));
        List<string> written = await DrainAsync(queue);
        Assert.Equal(("c0", "c2", "c1"), (written[0], written[^2], written[^1]));
    }

    [Fact]
    public void Each_class_has_its_own_room_so_that_what_is_passed_on_never_keeps_out_what_we_publish()
    {
        OutboundQueue queue = Queue();
        GossipMessage relay = Message(new string('r', 70));
        Offer(queue, relay, SendClass.Relay, OutboundOutcome.Queued);

        Offer(queue, Message(new string('s', 70)), SendClass.Relay, OutboundOutcome.Full);
        Offer(queue, Message(new string('a', 70)), SendClass.IwantAnswer, OutboundOutcome.Full);

        Offer(queue, Message(new string('p', 70)), SendClass.Publish, OutboundOutcome.Queued);
        Assert.True(queue.OfferControl(new byte[Room]));
        Assert.False(queue.OfferControl(new byte[1]));
        Assert.Equal(Room + (2 * relay.Frame.Length), queue.QueuedBytes);
    }

    [Fact]
    public async Task What_waits_for_longer_than_its_class_may_is_dropped_and_counted()
    {
        OutboundQueue queue = Queue();
        Offer(queue, Message("old relay"), SendClass.Relay, OutboundOutcome.Queued);
        Offer(queue, Message("old"), SendClass.Publish, OutboundOutcome.Queued);
        _now = TimeSpan.FromSeconds(1);
        Offer(queue, Message("young relay"), SendClass.Relay, OutboundOutcome.Queued);
        _now = TimeSpan.FromSeconds(1.1);

        Assert.Equal(["old", "young relay"], await DrainAsync(queue));

        OutboundDrops drops = queue.TakeDrops(out int slow);
        Assert.Equal(1, drops[SendClass.Relay, OutboundDrop.Stale]);
        Assert.Equal(1, drops.Total);
        Assert.Equal(0, slow);
    }

    [Fact]
    public async Task A_full_queue_lets_go_of_what_is_stale_before_it_refuses()
    {
        OutboundQueue queue = Queue();
        Offer(queue, Message(new string('o', 70)), SendClass.Relay, OutboundOutcome.Queued);
        _now = TimeSpan.FromSeconds(2);

        Offer(queue, Message("new"), SendClass.Relay, OutboundOutcome.Queued);
        Offer(queue, Message(new string('n', 50)), SendClass.Relay, OutboundOutcome.Queued);

        Assert.Equal(1, queue.TakeDrops(out _)[SendClass.Relay, OutboundDrop.Stale]);
        Assert.Equal(["new", new string('n', 50)], await DrainAsync(queue));
    }

    [Fact]
    public async Task A_message_that_the_peer_has_is_taken_out_wherever_it_stands()
    {
        OutboundQueue queue = Queue(bytes: 1000);
        GossipMessage[] messages = [Message("1"), Message("2"), Message("3"), Message("4")];
        Array.ForEach(messages, message => Offer(queue, message, SendClass.Relay, OutboundOutcome.Queued));

        Assert.True(queue.Cancel(messages[1].Topic, messages[1].Id));
        Assert.True(queue.Cancel(messages[0].Topic, messages[0].Id));
        Assert.False(queue.Cancel(messages[0].Topic, messages[0].Id));
        Assert.False(queue.Cancel("another", messages[2].Id));

        Assert.Equal(2, queue.TakeDrops(out int slow)[SendClass.Relay, OutboundDrop.NotWanted]);
        Assert.Equal(0, slow);
        Assert.Equal(2 * messages[0].Frame.Length, queue.QueuedBytes);
        Assert.Equal(["3", "4"], await DrainAsync(queue));
        Assert.False(queue.Cancel(messages[2].Topic, messages[2].Id));
    }

    [Fact]
    public void A_message_counts_more_than_its_frame_and_one_always_fits()
    {
        OutboundQueue queue = Queue(bytes: 10 * OutboundLane.SlotBytes);
        int queued = Enumerable.Range(0, 100).Count(
            number => queue.Offer(Message($"{number}"), SendClass.Relay, _now) == OutboundOutcome.Queued);

        Assert.InRange(queued, 5, 9);
        Offer(queue, Message(new string('p', 5000)), SendClass.Publish, OutboundOutcome.Queued);
    }

    [Fact]
    public async Task A_copy_of_what_waits_already_is_not_sent_twice()
    {
        OutboundQueue queue = Queue();
        GossipMessage message = Message("once");
        Offer(queue, message, SendClass.Relay, OutboundOutcome.Queued);
        Offer(queue, message, SendClass.IwantAnswer, OutboundOutcome.Queued);

        Assert.Equal(["once"], await DrainAsync(queue));

        Offer(queue, message, SendClass.IwantAnswer, OutboundOutcome.Queued);
    }

    [Fact]
    public async Task A_peer_is_slow_only_for_what_is_dropped_while_it_keeps_the_writer_waiting()
    {
        OutboundQueue queue = Queue();
        Offer(queue, Message(new string('1', 70)), SendClass.Relay, OutboundOutcome.Queued);
        Offer(queue, Message(new string('2', 70)), SendClass.Relay, OutboundOutcome.Full);
        Offer(queue, Message("p"), SendClass.Publish, OutboundOutcome.Queued);
        Assert.Equal(0, SlowOf(queue));

        var stuck = new FakeStream(room: 0);
        var let = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stuck.OnRefused = () =>
        {
            stuck.Until = let.Task;
            asked.TrySetResult();
        };
        Task writing = queue.WriteAsync(stuck, CancellationToken.None);
        await asked.Task.WaitAsync(PeerHarness.Patience);
        Offer(queue, Message(new string('3', 70)), SendClass.Relay, OutboundOutcome.Queued);
        Offer(queue, Message(new string('4', 70)), SendClass.Relay, OutboundOutcome.Full);
        Offer(queue, Message(new string('5', 90)), SendClass.Publish, OutboundOutcome.Queued);
        Offer(queue, Message(new string('6', 90)), SendClass.Publish, OutboundOutcome.Full);
        Assert.Equal(1, SlowOf(queue));

        _now = TimeSpan.FromSeconds(2);
        queue.CompleteAfterDrain();
        stuck.OnRefused = static () => { };
        let.SetResult();
        await writing.WaitAsync(PeerHarness.Patience);
        OutboundDrops drops = queue.TakeDrops(out int slow);
        Assert.Equal(1, drops[SendClass.Relay, OutboundDrop.Stale]);
        Assert.Equal(1, slow);
    }

    [Fact]
    public void What_waits_for_a_peer_that_goes_is_counted_by_class()
    {
        OutboundQueue queue = Queue();
        Offer(queue, Message("p"), SendClass.Publish, OutboundOutcome.Queued);
        Offer(queue, Message("r"), SendClass.Relay, OutboundOutcome.Queued);
        Offer(queue, Message("a"), SendClass.IwantAnswer, OutboundOutcome.Queued);

        queue.Clear();

        OutboundDrops drops = queue.TakeDrops(out int slow);
        Assert.Equal(1, drops[SendClass.Publish, OutboundDrop.PeerGone]);
        Assert.Equal(1, drops[SendClass.Relay, OutboundDrop.PeerGone]);
        Assert.Equal(1, drops[SendClass.IwantAnswer, OutboundDrop.PeerGone]);
        Assert.Equal((3, 0), (drops.Total, slow));
        Assert.Equal(0, queue.QueuedBytes);
    }

    [Fact]
    public async Task A_queue_that_is_filled_and_emptied_again_allocates_nothing_a_message()
    {
        OutboundQueue queue = Queue(bytes: 1024 * 1024);
        GossipMessage[] messages = [.. Enumerable.Range(0, 3000).Select(i => Message($"{i:D40}"))];
        var stream = new FakeStream(room: int.MaxValue) { Records = false };
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (GossipMessage message in messages)
            {
                queue.Offer(message, SendClass.Relay, _now);
            }

            queue.CompleteAfterDrain();
            Task writing = queue.WriteAsync(stream, CancellationToken.None);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            await writing;
            Assert.Equal(0, queue.QueuedBytes);
        }

        Assert.InRange(least, 0, messages.Length); // The call itself, and not a byte for each message.
    }

    [Fact]
    public async Task Each_message_that_is_dropped_is_named_once_to_the_trace()
    {
        var queue = new OutboundQueue(
            new OutboundOptions { PublishBytes = 1000, RelayBytes = 1000, ControlBytes = Room }, () => _now,
            isTraced: true);
        GossipMessage[] messages = [Message("unwanted"), Message("stale"), Message("broken"), Message("gone")];
        Offer(queue, messages[1], SendClass.Relay, OutboundOutcome.Queued);
        Offer(queue, messages[0], SendClass.Relay, OutboundOutcome.Queued);
        queue.Cancel(messages[0].Topic, messages[0].Id);
        _now = TimeSpan.FromSeconds(2);
        Offer(queue, messages[2], SendClass.Publish, OutboundOutcome.Queued);
        var broken = new FakeStream(room: 0)
        {
            OnRefused = () => throw new StreamException(StreamFault.ResetByPeer, "broken by the test"),
        };
        await Assert.ThrowsAsync<StreamException>(() => queue.WriteAsync(broken, CancellationToken.None));
        Offer(queue, messages[3], SendClass.Publish, OutboundOutcome.Queued);
        queue.Clear();

        var dropped = new List<GossipMessage>();
        queue.TakeDropped(dropped);
        Assert.Equal(messages, dropped);
        dropped.Clear();
        queue.TakeDropped(dropped);
        Assert.Empty(dropped);
    }

    private OutboundQueue Queue(int bytes = LaneRoom) => new(
        new OutboundOptions { PublishBytes = bytes, RelayBytes = bytes, ControlBytes = Room }, () => _now);

    private void Offer(OutboundQueue queue, GossipMessage message, SendClass sendClass, OutboundOutcome expected) =>
        Assert.Equal(expected, queue.Offer(message, sendClass, _now));

    private static int SlowOf(OutboundQueue queue)
    {
        queue.TakeDrops(out int slow);
        return slow;
    }

    private static GossipMessage Message(string text)
    {
        ComposeFault fault = Composer.TryCompose(
            "t", Encoding.UTF8.GetBytes(text), ++_lastNumber, out GossipMessage? message);
        Assert.Equal(ComposeFault.None, fault);
        return message!;
    }

    private static async Task<List<string>> DrainAsync(OutboundQueue queue)
    {
        queue.CompleteAfterDrain();
        var stream = new FakeStream(room: int.MaxValue);
        await queue.WriteAsync(stream, CancellationToken.None).WaitAsync(PeerHarness.Patience);
        return stream.Written;
    }

    /// <summary>Takes so many frames at once; what it does with more is up to the test.</summary>
    private sealed class FakeStream(int room) : IStream
    {
        public List<string> Written { get; } = [];

        public bool Records { get; init; } = true;

        /// <summary>Called with each frame that did not fit.</summary>
        public Action OnRefused { get; set; } = static () => { };

        /// <summary>How long a frame that did not fit takes.</summary>
        public Task Until { get; set; } = Task.CompletedTask;

        public long Id => 1;

        public string Protocol => "";

        public IConnection Connection => throw new NotSupportedException();

        public ConnectionDirection Direction => ConnectionDirection.Outbound;

        public PipeReader Input => throw new NotSupportedException();

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            OnRefused();
            await Until;
            Written.Add(TextOf(data.Span));
        }

        public bool TryWrite(ReadOnlySpan<byte> data)
        {
            if (Written.Count >= room)
            {
                return false;
            }

            if (Records)
            {
                Written.Add(TextOf(data));
            }

            return true;
        }

        public ValueTask CloseWriteAsync(CancellationToken cancellationToken) => default;

        public void Reset()
        {
        }

        public ValueTask DisposeAsync() => default;

        // Control of these tests is text; a message's frame is {length, publish=2 {data=2, topic=4 "t"}}.
        private static string TextOf(ReadOnlySpan<byte> frame)
        {
            if (frame[0] == 'c')
            {
                return Encoding.UTF8.GetString(frame);
            }

            int end = frame.Length - 3;
            int start = frame.LastIndexOf((byte)0x12) + 1;
            start += (frame[start] & 0x80) != 0 ? 2 : 1;
            return Encoding.UTF8.GetString(frame[start..end]);
        }
    }
}
