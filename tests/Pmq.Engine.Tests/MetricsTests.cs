using System.Diagnostics.Metrics;
using Pmq.Gossipsub;
using Pmq.Testing;

namespace Pmq.Engine.Tests;

/// <summary>What is lost is counted by its reason, and what fills up can be seen.</summary>
public sealed class MetricsTests
{
    private const string Topic = "t";

    [Fact]
    public async Task Drops_outcomes_and_depths_are_there_to_be_read()
    {
        using var factory = new OwnMeterFactory();
        var time = new VirtualTimeProvider();
        await using PmqPeer peer = await PeerHarness.StartAsync(Options(factory) with { TimeProvider = time });
        await using MessageListener slow = peer.Listen(new ListenOptions { QueueSize = 1 });
        await using MessageListener rated = peer.Listen(new ListenOptions { MaxRate = 1 });
        for (int i = 0; i < 3; i++)
        {
            await peer.PublishAsync(Topic, BitConverter.GetBytes(i), PeerHarness.Deadline);
        }

        Dictionary<string, double> read = factory.Read();

        Assert.Equal(2, read["pmq.listener.dropped reason=queue_full"]);
        Assert.Equal(2, read["pmq.listener.dropped reason=rate"]);
        Assert.Equal(2, read["pmq.listener.queue.count"]);
        Assert.Equal(3, read["pmq.gossipsub.messages.published"]);
        Assert.Equal(0, read["pmq.validation.pending"]);
        Assert.Equal(0, read["pmq.gossipsub.outbound.queue.bytes"]);
        Assert.Contains("pmq.gossipsub.messages.dropped reason=QueueFull", read.Keys);
        Assert.Contains("pmq.gossipsub.messages.dropped reason=QueueProtected", read.Keys);
        Assert.Equal(0, read["pmq.gossipsub.queue.guarded.count"]);
        Assert.Contains("pmq.gossipsub.seen.horizon", read.Keys);
    }

    [Fact]
    public async Task Verdicts_are_counted_by_outcome()
    {
        using var factory = new OwnMeterFactory();
        await using Pair pair = await Pair.StartAsync(
            Options(factory) with { ListenAddresses = [], Validation = ValidationMode.Required }, loopback: false);
        await using VerifierAttachment verifier = pair.B.AttachVerifier(new VerifierOptions { Name = "v" });
        Task judging = verifier.JudgeAllAsync(Verdict.Accept);

        await pair.PassAsync("x"u8.ToArray());
        Assert.False(verifier.Report(Topic, "00", Verdict.Accept));
        Dictionary<string, double> read = factory.Read();

        Assert.Equal(1, read["pmq.validation.outcomes outcome=Accepted"]);
        Assert.Equal(1, read["pmq.validation.verdicts.late"]);
        Assert.Equal(1, read["pmq.validation.verifier.changes event=attached"]);
        await verifier.DisposeAsync();
        await judging;
    }

    private static PmqPeerOptions Options(IMeterFactory factory) => new()
    {
        ListenAddresses = [],
        Topics = [Topic],
        MeterFactory = factory,
        Validation = ValidationMode.None,
    };
}
