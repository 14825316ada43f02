using System.Buffers;
using System.IO.Pipelines;
using Pmq.Core.Encoding;
using Pmq.Core.Hosting;
using Pmq.Engine.Gossip;
using Pmq.Gossipsub;

namespace Pmq.Engine.Tests;

/// <summary>Peers that break rules, flood, or do not read: what it costs them, and that it costs nobody else.</summary>
public sealed class HostilePeerTests
{
    private const string Topic = "t";

    [Fact]
    public async Task An_oversized_rpc_ends_its_peer_with_a_named_reason_and_the_others_go_on()
    {
        var log = new ListLoggerFactory();
        await using Pair pair = await Pair.StartAsync(Options() with { LoggerFactory = log }, loopback: true);
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(pair.A.ListenAddresses[0]);
        await using RawPeer _ = raw;
        await using IStream stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        byte[] prefix = new byte[Varint.MaxLength];
        int length = Varint.Write(prefix, 1024 * 1024 + 1);

        await stream.WriteAsync(prefix.AsMemory(0, length), PeerHarness.Deadline);

        await ClosedAsync(connection);
        string expected = $"{raw.Id} sent an RPC that is refused: TooLarge";
        Assert.Contains(log.Lines, line => line.Contains(expected, StringComparison.Ordinal));
        await pair.PassAsync("still here"u8.ToArray());
    }

    [Theory]
    [InlineData("ffffffffffffffffffff01")]
    [InlineData("8000")]
    [InlineData("03ffffff")]
    public async Task Bytes_that_are_no_rpc_end_their_peer(string hex)
    {
        await using PmqPeer peer = await StartAsync(Options());
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(peer.ListenAddresses[0]);
        await using RawPeer _ = raw;
        await using IStream stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);

        await stream.WriteAsync(Convert.FromHexString(hex), PeerHarness.Deadline);

        await ClosedAsync(connection);
        Assert.Equal(1, peer.Driver.Counters.MisbehavioursOf(Misbehaviour.MalformedRpc));
    }

    [Fact]
    public async Task The_newest_inbound_stream_of_a_peer_wins()
    {
        await using PmqPeer peer = await StartAsync(Options());
        await using MessageListener listener = peer.Listen(new ListenOptions());
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(peer.ListenAddresses[0]);
        await using RawPeer _ = raw;
        await using IStream older = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        await older.WriteAsync(RawPeer.Message(Topic, "1"u8), PeerHarness.Deadline);
        Assert.Single(await listener.TakeAsync(1));

        await using IStream newer = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        await newer.WriteAsync(RawPeer.Message(Topic, "2"u8), PeerHarness.Deadline);

        Assert.Equal("2"u8.ToArray(), Assert.Single(await listener.TakeAsync(1)).Data.ToArray());
        StreamException ended = await Assert.ThrowsAsync<StreamException>(
            async () => await older.Input.ReadAsync(PeerHarness.Deadline));
        Assert.Equal(StreamFault.ResetByPeer, ended.Reason);
    }

    [Fact]
    public async Task Rpcs_arrive_however_they_are_cut()
    {
        await using PmqPeer peer = await StartAsync(Options());
        await using MessageListener listener = peer.Listen(new ListenOptions());
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(peer.ListenAddresses[0]);
        await using RawPeer _ = raw;
        await using IStream stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        var bytes = new ArrayBufferWriter<byte>();
        int[] sizes = [1, 200, 70_000, 3, 65_530, 5, 130_000, 40_000, 40_000, 2];
        for (int i = 0; i < sizes.Length; i++)
        {
            byte[] data = new byte[sizes[i]];
            Array.Fill(data, (byte)i);
            bytes.Write(RawPeer.Message(Topic, data));
        }

        // The first kilobyte goes byte by byte, the rest in pieces that end anywhere.
        ReadOnlyMemory<byte> rest = bytes.WrittenMemory;
        for (int cut = 1; !rest.IsEmpty; cut = rest.Length > bytes.WrittenCount - 1024 ? 1 : cut * 7 % 30_011)
        {
            int length = Math.Min(cut, rest.Length);
            await stream.WriteAsync(rest[..length], PeerHarness.Deadline);
            rest = rest[length..];
        }

        Assert.Equal(sizes, (await listener.TakeAsync(sizes.Length)).Select(message => message.Data.Length));
    }

    [Fact]
    public async Task A_flood_of_empty_rpcs_is_taken_in_batches_of_bounded_number()
    {
        await using PmqPeer peer = await StartAsync(Options());
        await using MessageListener listener = peer.Listen(new ListenOptions());
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(peer.ListenAddresses[0]);
        await using RawPeer _ = raw;
        await using IStream stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);

        // Each byte is the length of an RPC of nothing.
        await stream.WriteAsync(new byte[200_000], PeerHarness.Deadline);
        await stream.WriteAsync(RawPeer.Message(Topic, "after"u8), PeerHarness.Deadline);

        Assert.Single(await listener.TakeAsync(1));
        InboundReader? reader = Assert.Single(peer.Driver.LinksInOrder()).Reader;
        Assert.InRange(reader!.Views.Count, 1, 1024);
    }

    [Fact]
    public async Task A_peer_that_does_not_read_loses_messages_and_delays_nobody()
    {
        var options = Options() with { OutboundQueueBytes = 2 * 1024 * 1024 };
        await using Pair pair = await Pair.StartAsync(options, loopback: true);
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(pair.A.ListenAddresses[0], NeverReadAsync);
        await using RawPeer _ = raw;
        await using IStream stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        await stream.WriteAsync(RawPeer.Subscription(Topic), PeerHarness.Deadline);
        await stream.WriteAsync(RawPeer.Graft(Topic), PeerHarness.Deadline);
        await pair.A.MeshAsync(Topic, 2);

        int dropped = 0;
        for (int i = 0; i < 100; i++)
        {
            byte[] data = new byte[100_000];
            BitConverter.TryWriteBytes(data, i);
            PublishOutcome outcome = await pair.A.PublishAsync(Topic, data, PeerHarness.Deadline);
            dropped += outcome.Dropped;
            Assert.Single(await pair.AtB.TakeAsync(1));
        }

        Assert.InRange(dropped, 1, 99);
    }

    [Fact]
    public async Task A_flood_of_one_peer_does_not_hold_another_back()
    {
        await using PmqPeer target = await StartAsync(Options());
        await using PmqPeer honest = await PeerHarness.StartAsync(
            Options() with { ListenAddresses = [], Peers = target.ListenAddresses });
        await honest.MeshAsync(Topic, 1);
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(target.ListenAddresses[0]);
        await using RawPeer _ = raw;
        await using IStream stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        using var stop = new CancellationTokenSource();
        byte[] flood = RawPeer.Message(Topic, new byte[60_000]);
        Task flooding = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await stream.WriteAsync(flood, CancellationToken.None);
            }
        });
        await PeerHarness.Eventually(
            () => new(target.Driver.Counters.Drops(MessageDrop.DuplicateSeen) > 10), "the flood");

        await using MessageListener listener = target.Listen(new ListenOptions());
        for (int i = 0; i < 20; i++)
        {
            await honest.PublishAsync(Topic, BitConverter.GetBytes(i), PeerHarness.Deadline);
            Assert.Equal(BitConverter.GetBytes(i), Assert.Single(await listener.TakeAsync(1)).Data.ToArray());
        }

        Assert.False(flooding.IsCompleted);
        await stop.CancelAsync();
        await flooding;
    }

    [Fact]
    public async Task A_peer_that_resets_our_stream_is_greeted_again_though_nothing_is_sent()
    {
        await using PmqPeer peer = await StartAsync(Options());
        int streams = 0;
        var greeted = new TaskCompletionSource<byte[]>();
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(
            peer.ListenAddresses[0],
            async (stream, cancellationToken) =>
            {
                if (Interlocked.Increment(ref streams) == 1)
                {
                    await stream.Input.ReadAsync(cancellationToken);
                    stream.Reset();
                    return;
                }

                ReadResult result = await stream.Input.ReadAtLeastAsync(Greeting.Length, cancellationToken);
                greeted.TrySetResult(result.Buffer.Slice(0, Greeting.Length).ToArray());
                await NeverReadAsync(stream, cancellationToken);
            });
        await using RawPeer _ = raw;

        Assert.Equal(Greeting, await greeted.Task.WaitAsync(PeerHarness.Patience));
    }

    private static byte[] Greeting => RawPeer.Subscription(Topic);

    private static PmqPeerOptions Options() => new() { Topics = [Topic], Validation = ValidationMode.None };

    private static ValueTask<PmqPeer> StartAsync(PmqPeerOptions options) =>
        PeerHarness.StartAsync(options with { ListenAddresses = [PeerHarness.LoopbackAddress()] });

    private static async Task NeverReadAsync(IStream stream, CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = cancellationToken.Register(() => ended.TrySetResult());
        await ended.Task;
    }

    private static async Task ClosedAsync(IConnection connection)
    {
        var closed = new TaskCompletionSource();
        await using CancellationTokenRegistration registration =
            connection.Closed.Register(() => closed.TrySetResult());
        await closed.Task.WaitAsync(PeerHarness.Patience);
    }
}
