using System.Text.Json;
using Pmq.Engine.Tracing;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Engine.Tests.Tracing;

/// <summary>What two peers do shows in their traces, and tracing disturbs neither.</summary>
public sealed class PeerTraceTests
{
    private const string Topic = "t";

    [Fact]
    public async Task A_message_can_be_followed_from_its_publication_to_its_delivery()
    {
        string directory = Directory.CreateTempSubdirectory("pmq-trace").FullName;
        string path = Path.Combine(directory, "trace.json");
        string messageId;
        await using (Pair pair = await Pair.StartAsync(
            Options() with { Trace = new TraceOptions { JsonFile = path } }, loopback: false, traceOnlyA: true))
        {
            messageId = (await pair.PassAsync("x"u8.ToArray())).MessageId;
        }

        List<JsonElement> events = [];
        foreach (string line in await File.ReadAllLinesAsync(path, PeerHarness.Deadline))
        {
            events.Add(JsonDocument.Parse(line).RootElement);
        }

        string[] kinds = [.. events.Select(e => e.GetProperty("event").GetString()!)];
        Assert.Equal("JOIN", kinds[0]);
        foreach (string kind in new[] { "ADD_PEER", "GRAFT", "RECV_RPC", "PRUNE", "REMOVE_PEER", "LEAVE" })
        {
            Assert.Contains(kind, kinds);
        }

        JsonElement[] ofMessage =
        [
            .. events.Where(e => e.TryGetProperty("messageId", out JsonElement id) && id.GetString() == messageId),
        ];
        Assert.Equal(["PUBLISH_MESSAGE", "DELIVER_MESSAGE"], ofMessage.Select(e => e.GetProperty("event").GetString()));
        Assert.Contains(
            events,
            e => e.GetProperty("event").GetString() == "SEND_RPC" && e.TryGetProperty("messages", out JsonElement sent)
                && sent[0].GetProperty("messageId").GetString() == messageId
                && sent[0].GetProperty("topic").GetString() == Topic);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_sink_that_throws_loses_its_events_and_nothing_else()
    {
        using var logs = new ListLoggerFactory();
        await using Pair pair = await Pair.StartAsync(
            Options() with
            {
                LoggerFactory = logs,
                Trace = new TraceOptions { Sink = new ThrowingSink(), Log = true },
            },
            loopback: false);

        await pair.PassAsync("x"u8.ToArray());

        Assert.Null(pair.A.Failure);
        Assert.Null(pair.B.Failure);
        Assert.Contains(logs.Lines, line => line.StartsWith("Debug: DELIVER_MESSAGE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_full_disk_costs_events_and_no_message()
    {
        using var logs = new ListLoggerFactory();
        using var factory = new OwnMeterFactory();
        await using Pair pair = await Pair.StartAsync(
            Options() with
            {
                LoggerFactory = logs,
                MeterFactory = factory,
                Trace = new TraceOptions { JsonFile = "/dev/full" },
            },
            loopback: false, traceOnlyA: true);

        await pair.PassAsync("x"u8.ToArray());

        await PeerHarness.Eventually(
            () => new(factory.Read().GetValueOrDefault("pmq.trace.dropped format=json") > 0), "the loss to be counted");
        Assert.Single(logs.Lines, line => line.StartsWith("Warning: The trace /dev/full", StringComparison.Ordinal));
        Assert.Null(pair.A.Failure);
    }

    [Fact]
    public async Task Kinds_of_the_skip_list_are_not_traced()
    {
        var sink = new ListSink();
        await using PmqPeer peer = await PeerHarness.StartAsync(Options() with
        {
            ListenAddresses = [],
            Trace = new TraceOptions { Sink = sink, Skip = new HashSet<TraceKind> { TraceKind.Join } },
        });

        await peer.PublishAsync(Topic, "x"u8.ToArray(), PeerHarness.Deadline);

        Assert.Equal([TraceKind.Publish, TraceKind.Deliver], sink.Kinds);
    }

    [Theory]
    [InlineData("x", "x")]
    [InlineData("./x", "x")]
    [InlineData("x", "x.1")]
    [InlineData("x.1", "x")]
    public async Task Two_files_that_would_overwrite_each_other_are_refused(string json, string protobuf)
    {
        PmqOptionsException fault = await Assert.ThrowsAsync<PmqOptionsException>(
            async () => await PeerHarness.StartAsync(
                Options() with { Trace = new TraceOptions { JsonFile = json, ProtobufFile = protobuf } }));

        Assert.Equal("pubsub.trace.protobufFile", fault.Key);
    }

    private static PmqPeerOptions Options() => new() { Topics = [Topic], Validation = ValidationMode.None };

    private sealed class ThrowingSink : ITraceSink
    {
        public void Trace(in TraceEvent traced) => throw new InvalidOperationException("a fault of the application");
    }

    private sealed class ListSink : ITraceSink
    {
        public List<TraceKind> Kinds { get; } = [];

        public void Trace(in TraceEvent traced) => Kinds.Add(traced.Kind);
    }
}
