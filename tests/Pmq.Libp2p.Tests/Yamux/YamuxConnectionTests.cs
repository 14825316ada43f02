using Microsoft.Extensions.Logging.Abstractions;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Noise;
using Pmq.Libp2p.Transport;
using Pmq.Libp2p.Yamux;
using Pmq.Testing;
using static Pmq.Libp2p.Tests.Yamux.YamuxFrames;

namespace Pmq.Libp2p.Tests.Yamux;

public sealed class YamuxConnectionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Data_arrives_in_order_in_both_directions(bool overTcp)
    {
        await using YamuxPair pair = overTcp ? await YamuxPair.OverTcpAsync() : await YamuxPair.OverMemoryAsync();
        (YamuxStream opener, YamuxStream acceptor) = await pair.OpenAsync();
        byte[] there = Bytes(10_000_000, seed: 1);
        byte[] back = Bytes(3_000_000, seed: 2);

        Task<byte[]> atListener = acceptor.ReadToEndAsync();
        Task<byte[]> atDialer = opener.ReadToEndAsync();
        await Task.WhenAll(WriteAllAsync(opener, there), WriteAllAsync(acceptor, back)).WaitAsync(YamuxPair.Patience);

        Assert.Equal(there, await atListener);
        Assert.Equal(back, await atDialer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thousand_streams_opened_at_once_are_all_served(bool overTcp)
    {
        var roomy = new YamuxOptions { MaxInboundStreams = 1000 };
        await using YamuxPair pair = overTcp
            ? await YamuxPair.OverTcpAsync(listener: roomy)
            : await YamuxPair.OverMemoryAsync(listener: roomy);
        Task serve = ServeEchoAsync(pair.Listener);

        Task<int>[] calls = [.. Enumerable.Range(0, 1000).Select(i => CallAsync(pair.Dialer, i))];
        int[] lengths = await Task.WhenAll(calls).WaitAsync(YamuxPair.Patience);

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => 1 + (i * 17)), lengths);
        await pair.DisposeAsync();
        await serve.WaitAsync(YamuxPair.Patience);
    }

    [Fact]
    public async Task Opening_waits_for_acknowledgement_and_fails_when_too_many_wait()
    {
        var options = new YamuxOptions { MaxUnacknowledgedStreams = 1, MaxPendingOpens = 1 };
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync(options);
        YamuxStream first = await peer.Connection.OpenStreamAsync(CancellationToken.None);
        await first.WriteAsync(new byte[1], CancellationToken.None);

        Task<YamuxStream> second = peer.Connection.OpenStreamAsync(CancellationToken.None).AsTask();
        Assert.False(second.IsCompleted);
        StreamException failed = await Assert.ThrowsAsync<StreamException>(
            () => peer.Connection.OpenStreamAsync(CancellationToken.None).AsTask());
        Assert.Equal(StreamFault.LimitExceeded, failed.Reason);

        await peer.SendAsync(Window(1, 0, YamuxFlags.Ack));
        Assert.Equal(3, (await second.WaitAsync(YamuxPair.Patience)).Id);
    }

    [Fact]
    public async Task A_cancelled_wait_to_open_opens_nothing()
    {
        var options = new YamuxOptions { MaxUnacknowledgedStreams = 1 };
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync(options);
        YamuxStream first = await peer.Connection.OpenStreamAsync(CancellationToken.None);
        using var source = new CancellationTokenSource();
        Task<YamuxStream> second = peer.Connection.OpenStreamAsync(source.Token).AsTask();
        Task<YamuxStream> third = peer.Connection.OpenStreamAsync(CancellationToken.None).AsTask();

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(YamuxPair.Patience));
        first.Reset();

        Assert.Equal(3, (await third.WaitAsync(YamuxPair.Patience)).Id);
        await first.DisposeAsync();
        Assert.Equal(1, peer.Connection.StreamCount);
    }

    [Fact]
    public async Task The_syn_the_ack_and_the_fin_cost_no_frames_of_their_own()
    {
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync();
        YamuxStream stream = await peer.Connection.OpenStreamAsync(CancellationToken.None);
        await stream.WriteAsync("abc"u8.ToArray(), CancellationToken.None);
        (YamuxHeader header, byte[] body) = await peer.ReadUntilAsync(f => f.StreamId != 0);
        Assert.Equal(new YamuxHeader(YamuxFrameType.Data, YamuxFlags.Syn, 1, 3), header);
        Assert.Equal("abc"u8.ToArray(), body);

        await peer.SendAsync(Data(2, 4, YamuxFlags.Syn));
        YamuxStream accepted = await peer.AcceptAsync();
        await accepted.WriteAsync("de"u8.ToArray(), CancellationToken.None);
        (header, body) = await peer.ReadUntilAsync(f => f.StreamId != 0);
        Assert.Equal(new YamuxHeader(YamuxFrameType.Data, YamuxFlags.Ack, 2, 2), header);
        Assert.Equal("de"u8.ToArray(), body);
    }

    [Fact]
    public async Task An_orderly_close_says_goaway_and_ends_streams_on_both_sides()
    {
        await using YamuxPair pair = await YamuxPair.OverTcpAsync();
        (YamuxStream opener, YamuxStream acceptor) = await pair.OpenAsync();
        Task<byte[]> read = acceptor.ReadToEndAsync();
        Task<YamuxStream?> accept = pair.Listener.AcceptStreamAsync(CancellationToken.None).AsTask();

        await pair.Dialer.CloseAsync(new CloseReason(CloseKind.Shutdown)).AsTask().WaitAsync(YamuxPair.Patience);

        StreamException failed = await Assert.ThrowsAsync<StreamException>(() => opener.ReadToEndAsync());
        Assert.Equal(StreamFault.ConnectionClosed, failed.Reason);
        failed = await Assert.ThrowsAsync<StreamException>(() => read.WaitAsync(YamuxPair.Patience));
        Assert.Equal(StreamFault.ConnectionClosed, failed.Reason);
        Assert.Null(await accept.WaitAsync(YamuxPair.Patience));
        await pair.Listener.Completion.WaitAsync(YamuxPair.Patience);
        Assert.Equal(CloseKind.RemoteClose, pair.Listener.CloseReason!.Kind);
        Assert.Equal(CloseKind.Shutdown, pair.Dialer.CloseReason!.Kind);
        Assert.True(pair.Dialer.Closed.IsCancellationRequested && pair.Listener.Closed.IsCancellationRequested);
        failed = await Assert.ThrowsAsync<StreamException>(
            () => pair.Dialer.OpenStreamAsync(CancellationToken.None).AsTask());
        Assert.Equal(StreamFault.ConnectionClosed, failed.Reason);
    }

    [Fact]
    public async Task A_connection_that_was_never_started_can_be_closed()
    {
        (ITransportConnection a, ITransportConnection b) = YamuxPair.MemoryTransports();
        (NoiseChannel ours, NoiseChannel theirs) = await YamuxPair.HandshakeAsync(a, b);
        await using var connection = new YamuxConnection(
            ours,
            ConnectionDirection.Outbound,
            YamuxOptions.Default,
            TimeProvider.System,
            NullLogger.Instance);

        await connection.CloseAsync(new CloseReason(CloseKind.Duplicate)).AsTask().WaitAsync(YamuxPair.Patience);

        Assert.Equal(CloseKind.Duplicate, connection.CloseReason!.Kind);
        await theirs.DisposeAsync();
    }

    [Fact]
    public async Task A_violation_is_told_with_a_goaway_and_named_in_the_reason()
    {
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync();
        YamuxStream stream = await peer.Connection.OpenStreamAsync(CancellationToken.None);
        Task<byte[]> read = stream.ReadToEndAsync();

        await peer.SendAsync(Frame(YamuxFrameType.Data, YamuxFlags.Syn, 2, 262_145));

        (YamuxHeader header, _) = await peer.ReadUntilAsync(f => f.Type == YamuxFrameType.GoAway);
        Assert.Equal((uint)YamuxGoAwayCode.ProtocolError, header.Length);
        Assert.Null(await peer.ReadFrameAsync());
        await peer.Channel.Transport.DisposeAsync();
        await peer.Connection.Completion.WaitAsync(YamuxPair.Patience);
        Assert.Equal(
            new CloseReason(CloseKind.ProtocolViolation, "yamux: WindowExceeded"), peer.Connection.CloseReason);
        await Assert.ThrowsAsync<StreamException>(() => read);
    }

    [Fact]
    public async Task A_damaged_noise_frame_ends_the_connection_and_is_named_in_the_reason()
    {
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync();
        byte[] frame = [0, 16, .. new byte[16]];

        await peer.Channel.Transport.SendAsync(frame, CancellationToken.None);

        await peer.Connection.Completion.WaitAsync(YamuxPair.Patience);
        Assert.Equal(
            new CloseReason(CloseKind.ProtocolViolation, "noise: AuthenticationFailed"), peer.Connection.CloseReason);
    }

    [Fact]
    public async Task An_end_within_a_frame_is_no_orderly_end()
    {
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync();
        await peer.Channel.Transport.SendAsync(new byte[] { 0, 200, 1 }, CancellationToken.None);
        await peer.Channel.Transport.DisposeAsync();

        await peer.Connection.Completion.WaitAsync(YamuxPair.Patience);
        Assert.Equal(CloseKind.TransportFailed, peer.Connection.CloseReason!.Kind);
    }

    [Fact]
    public async Task After_a_normal_goaway_streams_go_on_and_none_is_opened()
    {
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync();
        YamuxStream stream = await peer.Connection.OpenStreamAsync(CancellationToken.None);
        await stream.WriteAsync(new byte[1], CancellationToken.None);
        await peer.SendAsync(GoAway(0), Data(1, 5));

        await stream.ReadExactlyAsync(5);

        StreamException failed = await Assert.ThrowsAsync<StreamException>(
            () => peer.Connection.OpenStreamAsync(CancellationToken.None).AsTask());
        Assert.Equal(StreamFault.GoingAway, failed.Reason);
        Assert.Null(peer.Connection.CloseReason);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(2u)]
    [InlineData(0x1002u)]
    public async Task A_goaway_with_an_error_ends_the_connection(uint code)
    {
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync();
        await peer.SendAsync(GoAway(code));

        await peer.Connection.Completion.WaitAsync(YamuxPair.Patience);
        Assert.Equal(new CloseReason(CloseKind.RemoteClose, $"yamux: GoAway {code}"), peer.Connection.CloseReason);
    }

    [Fact]
    public async Task Streams_that_the_peer_takes_back_are_not_handed_out()
    {
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync();
        await peer.SendAsync(
            Data(2, 1, YamuxFlags.Syn), Window(2, 0, YamuxFlags.Rst), Data(4, 1, YamuxFlags.Syn), PingFrame(9));

        // The answer comes after all of them were handled.
        await peer.ReadUntilAsync(f => f.Type == YamuxFrameType.Ping && f.Flags == YamuxFlags.Ack);
        YamuxStream stream = await peer.AcceptAsync();

        Assert.Equal(4, stream.Id);
        Assert.Equal(1, peer.Connection.StreamCount);
    }

    [Fact]
    public async Task A_silent_peer_is_given_up_after_keepalive_and_timeout()
    {
        var time = new VirtualTimeProvider();
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync(time: time);

        time.Advance(TimeSpan.FromSeconds(30));
        await peer.ReadUntilAsync(f => f.Type == YamuxFrameType.Ping);
        Assert.Null(peer.Connection.CloseReason);
        time.Advance(TimeSpan.FromSeconds(12));

        await peer.Connection.Completion.WaitAsync(YamuxPair.Patience);
        Assert.Equal(new CloseReason(CloseKind.Timeout, "yamux: ping unanswered"), peer.Connection.CloseReason);
    }

    [Fact]
    public async Task An_answered_keepalive_measures_the_round_trip()
    {
        var time = new VirtualTimeProvider();
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync(time: time);
        time.Advance(TimeSpan.FromSeconds(30));
        (YamuxHeader ping, _) = await peer.ReadUntilAsync(f => f.Type == YamuxFrameType.Ping);
        time.Advance(TimeSpan.FromMilliseconds(80));

        await peer.SendAsync(PingFrame(ping.Length, YamuxFlags.Ack), PingFrame(9));

        (YamuxHeader pong, _) = await peer.ReadUntilAsync(f => f.Type == YamuxFrameType.Ping);
        Assert.Equal(new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Ack, 0, 9), pong);
        Assert.Equal(TimeSpan.FromMilliseconds(80), peer.Connection.RoundTripTime);
    }

    [Fact]
    public async Task A_peer_that_takes_a_large_send_slowly_is_not_given_up_for_its_late_pong()
    {
        var time = new VirtualTimeProvider();
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync(time: time);
        YamuxStream stream = await peer.Connection.OpenStreamAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(30));
        await peer.ReadUntilAsync(f => f.Type == YamuxFrameType.Ping);

        peer.Transport.Stall();
        await stream.WriteAsync(new byte[200_000], CancellationToken.None);
        await peer.Transport.Stalled.WaitAsync(YamuxPair.Patience);
        time.Advance(TimeSpan.FromSeconds(9));
        peer.Transport.Resume();

        // It takes two sends: when the second has come, the first is over.
        for (long read = 0; read < 200_000;)
        {
            read += (await peer.ReadUntilAsync(f => f.Type == YamuxFrameType.Data)).Header.Length;
        }

        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Null(peer.Connection.CloseReason);
        time.Advance(TimeSpan.FromSeconds(8));
        await peer.Connection.Completion.WaitAsync(YamuxPair.Patience);
        Assert.Equal(new CloseReason(CloseKind.Timeout, "yamux: ping unanswered"), peer.Connection.CloseReason);
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_given_up_after_the_write_stall()
    {
        var time = new VirtualTimeProvider();
        var patient = new YamuxOptions { PongTimeout = TimeSpan.FromMinutes(1) };
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync(patient, time);

        await StallAsync(peer);
        time.Advance(TimeSpan.FromSeconds(13));

        await peer.Connection.Completion.WaitAsync(YamuxPair.Patience);
        Assert.Equal(new CloseReason(CloseKind.Timeout, "yamux: write stall"), peer.Connection.CloseReason);
    }

    [Fact]
    public async Task Pings_without_end_end_the_connection()
    {
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync(time: new VirtualTimeProvider());
        await peer.SendAsync([.. Enumerable.Range(0, 21).Select(i => PingFrame((uint)i))]);

        await SignalOfAsync(peer.Connection.Closed).WaitAsync(YamuxPair.Patience);
        Assert.Equal(new CloseReason(CloseKind.LimitExceeded, "yamux: PingFlood"), peer.Connection.CloseReason);
    }

    // CVE-2024-32984.
    [Fact]
    public async Task Refusals_that_the_peer_does_not_read_end_the_connection()
    {
        // The peer reads nothing, and opens streams that are refused.
        var options = new YamuxOptions { MaxInboundStreams = 1 };
        var time = new VirtualTimeProvider();
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync(options, time);
        await StallAsync(peer);
        await peer.SendAsync([.. Enumerable.Range(0, 300).Select(i => Data(2 + (2 * (uint)i), 0, YamuxFlags.Syn))]);

        await SignalOfAsync(peer.Connection.Closed).WaitAsync(YamuxPair.Patience);
        Assert.Equal(
            new CloseReason(CloseKind.LimitExceeded, "yamux: OwedControlOverflow"), peer.Connection.CloseReason);

        // The GoAway cannot be sent either: after the close timeout the transport is aborted.
        await time.WaitForTimersAsync(1).WaitAsync(YamuxPair.Patience);
        Assert.False(peer.Connection.Completion.IsCompleted);
        time.Advance(YamuxOptions.Default.CloseTimeout);
        await peer.Connection.Completion.WaitAsync(YamuxPair.Patience);
    }

    private static async Task StallAsync(RawYamuxPeer peer)
    {
        peer.Transport.Stall();
        YamuxStream stream = await peer.Connection.OpenStreamAsync(CancellationToken.None);
        await stream.WriteAsync(new byte[1], CancellationToken.None);
        await peer.Transport.Stalled.WaitAsync(YamuxPair.Patience);
    }

    private static Task SignalOfAsync(CancellationToken token)
    {
        var source = new TaskCompletionSource();
        token.Register(source.SetResult);
        return source.Task;
    }

    private static async Task ServeEchoAsync(YamuxConnection connection)
    {
        var handlers = new List<Task>();
        while (await connection.AcceptStreamAsync(CancellationToken.None) is { } stream)
        {
            handlers.Add(EchoAsync(stream));
        }

        await Task.WhenAll(handlers);

        static async Task EchoAsync(YamuxStream stream)
        {
            await using (stream)
            {
                await stream.WriteAsync(await stream.ReadToEndAsync(), CancellationToken.None);
                await stream.CloseWriteAsync(CancellationToken.None);
            }
        }
    }

    private static async Task<int> CallAsync(YamuxConnection connection, int i)
    {
        await using YamuxStream stream = await connection.OpenStreamAsync(CancellationToken.None);
        await stream.WriteAsync(new byte[1 + (i * 17)], CancellationToken.None);
        await stream.CloseWriteAsync(CancellationToken.None);
        return (await stream.ReadToEndAsync()).Length;
    }

    private static async Task WriteAllAsync(YamuxStream stream, byte[] bytes)
    {
        var chance = new SeededChance((ulong)bytes.Length);
        for (int i = 0; i < bytes.Length;)
        {
            int length = Math.Min(bytes.Length - i, 1 + chance.NextInt32(chance.NextInt32(10) == 0 ? 200_000 : 5_000));
            await stream.WriteAsync(bytes.AsMemory(i, length), CancellationToken.None);
            i += length;
        }

        await stream.CloseWriteAsync(CancellationToken.None);
    }

    private static byte[] Bytes(int length, ulong seed)
    {
        var bytes = new byte[length];
        new SeededEntropy(seed).Fill(bytes);
        return bytes;
    }
}
