using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Gossipsub.Tests;

/// <summary>What a message that is passed on leaves to the garbage collector.</summary>
public sealed class AllocationTests
{
    // What does not grow with the messages: less than four of them, of ten thousand.
    private const int BytesOfAHeartbeat = 4000;

    // Everything that can be counted, is.
    private static readonly PeerScoreOptions Scoring = PeerScoreOptions.Default with
    {
        DefaultTopic = TopicScoreOptions.Default with { MeshMessageDeliveriesWeight = -1, MeshFailurePenaltyWeight = -1 },
    };

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Forwarding_to_a_mesh_of_8_allocates_nothing_but_what_holds_the_message(bool scored, bool traced)
    {
        const int Messages = 800 * ForwardingRouter.Batch;
        ForwardingRouter forwarding = new(
            new GossipsubOptions { MaxSeen = 60_000, Scoring = scored ? Scoring : null }, mesh: 8, payload: 1024, copies: 3);
        Counter events = new();
        forwarding.Router.Trace = traced ? events : null;
        forwarding.Run(Messages);

        // The least of some rounds: until a busy machine has compiled the last method well, that one may allocate.
        long allocated = long.MaxValue;
        for (int round = 0; round < 4; round++)
        {
            long sent = forwarding.Router.Counters.MessagesSent;
            long before = GC.GetAllocatedBytesForCurrentThread();
            forwarding.Run(Messages);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(8L * Messages, forwarding.Router.Counters.MessagesSent - sent);
        }

        Assert.Equal(traced, events.Count > 0);
        Assert.Equal(scored, forwarding.Router.ExplainScores(forwarding.Router.NextHeartbeat).Any(s => s.Total > 0));
        long beside = allocated - (Messages * forwarding.BytesThatHoldAMessage());
        long heartbeats = Messages / ForwardingRouter.MessagesPerHeartbeat;
        Assert.True(
            beside <= BytesOfAHeartbeat * heartbeats,
            $"{(double)beside / Messages:F2} bytes a message beside what holds it");
        Assert.InRange((double)allocated / Messages, 1024, 1024 + 400);
    }

    private sealed class Counter : ITraceSink
    {
        public long Count { get; private set; }

        public void Trace(in TraceEvent traced) => Count++;
    }
}
