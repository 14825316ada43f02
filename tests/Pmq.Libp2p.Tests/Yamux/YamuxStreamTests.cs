using System.Buffers;
using System.IO.Pipelines;
using Pmq.Core.Hosting;
using Pmq.Libp2p.Noise;
using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Tests.Yamux;

public sealed class YamuxStreamTests : IAsyncLifetime
{
    private YamuxPair _pair = null!;

    public async ValueTask InitializeAsync() => _pair = await YamuxPair.OverMemoryAsync();

    public ValueTask DisposeAsync() => _pair.DisposeAsync();

    [Fact]
    public async Task A_half_close_ends_one_direction_and_the_other_goes_on()
    {
        (YamuxStream opener, YamuxStream acceptor) = await _pair.OpenAsync();
        await opener.WriteAsync("question"u8.ToArray(), CancellationToken.None);
        await opener.CloseWriteAsync(CancellationToken.None);

        Assert.Equal("question"u8.ToArray(), await acceptor.ReadToEndAsync());
        await acceptor.WriteAsync("answer"u8.ToArray(), CancellationToken.None);
        await acceptor.CloseWriteAsync(CancellationToken.None);

        Assert.Equal("answer"u8.ToArray(), await opener.ReadToEndAsync());
        await Assert.ThrowsAsync<StreamException>(
            () => opener.WriteAsync(new byte[1], CancellationToken.None).AsTask());
        await opener.DisposeAsync();
        await acceptor.DisposeAsync();
        Assert.Equal(0, _pair.Dialer.StreamCount);
        Assert.Equal(0, _pair.Listener.StreamCount);
    }

    [Fact]
    public async Task What_was_written_before_the_half_close_arrives_though_the_stream_is_disposed()
    {
        (YamuxStream opener, YamuxStream acceptor) = await _pair.OpenAsync();
        await opener.WriteAsync(new byte[200_000], CancellationToken.None);
        await opener.CloseWriteAsync(CancellationToken.None);
        await opener.DisposeAsync();

        Assert.Equal(200_000, (await acceptor.ReadToEndAsync()).Length);
    }

    [Fact]
    public async Task Data_and_end_can_be_read_after_the_peer_has_reset_what_is_left()
    {
        (YamuxStream opener, YamuxStream acceptor) = await _pair.OpenAsync();
        await opener.WriteAsync(new byte[1000], CancellationToken.None);
        await opener.CloseWriteAsync(CancellationToken.None);
        await SettleAsync(acceptor, static result => result.IsCompleted);

        opener.Reset();

        Assert.Equal(1000, (await acceptor.ReadToEndAsync()).Length);
    }

    [Fact]
    public async Task A_reset_by_the_peer_fails_the_waiting_reader_and_the_next_write()
    {
        (YamuxStream opener, YamuxStream acceptor) = await _pair.OpenAsync();
        Task<ReadResult> read = acceptor.Input.ReadAsync().AsTask();

        opener.Reset();

        StreamException failed = await Assert.ThrowsAsync<StreamException>(() => read.WaitAsync(YamuxPair.Patience));
        Assert.Equal(StreamFault.ResetByPeer, failed.Reason);
        failed = await Assert.ThrowsAsync<StreamException>(
            () => acceptor.WriteAsync(new byte[1], CancellationToken.None).AsTask());
        Assert.Equal(StreamFault.ResetByPeer, failed.Reason);
        failed = await Assert.ThrowsAsync<StreamException>(() => opener.Input.ReadAsync().AsTask());
        Assert.Equal(StreamFault.ResetLocally, failed.Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reset_frees_a_writer_that_is_blocked_on_the_window(bool byPeer)
    {
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync();
        YamuxStream stream = await peer.Connection.OpenStreamAsync(CancellationToken.None);
        Task write = stream.WriteAsync(new byte[2_000_000], CancellationToken.None).AsTask();
        await ReadWindowAsync(peer);

        if (byPeer)
        {
            await peer.SendAsync(YamuxFrames.Window(1, 0, YamuxFlags.Rst));
        }
        else
        {
            stream.Reset();
        }

        StreamException failed = await Assert.ThrowsAsync<StreamException>(() => write.WaitAsync(YamuxPair.Patience));
        Assert.Equal(byPeer ? StreamFault.ResetByPeer : StreamFault.ResetLocally, failed.Reason);
    }

    [Fact]
    public async Task A_slow_reader_holds_its_writer_and_nobody_else()
    {
        (YamuxStream slow, YamuxStream unread) = await _pair.OpenAsync();
        Task blocked = slow.WriteAsync(new byte[2_000_000], CancellationToken.None).AsTask();

        (YamuxStream other, YamuxStream read) = await _pair.OpenAsync();
        for (int i = 0; i < 50; i++)
        {
            await other.WriteAsync(new byte[100_000], CancellationToken.None);
            await read.ReadExactlyAsync(100_000);
        }

        Assert.False(blocked.IsCompleted);
        Assert.Equal(2_000_000, (await unread.ReadExactlyAsync(2_000_000)).Length);
        await blocked.WaitAsync(YamuxPair.Patience);
    }

    [Fact]
    public async Task What_the_peer_does_not_read_is_held_up_to_the_send_buffer()
    {
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync();
        YamuxStream stream = await peer.Connection.OpenStreamAsync(CancellationToken.None);
        Task write = stream.WriteAsync(new byte[YamuxOptions.InitialWindowBytes], CancellationToken.None).AsTask();
        await ReadWindowAsync(peer);
        await write;

        int held = 0;
        while (stream.TryWrite(new byte[1024]))
        {
            held += 1024;
        }

        Assert.Equal(YamuxOptions.Default.StreamSendBufferBytes, held);
        write = stream.WriteAsync(new byte[1], CancellationToken.None).AsTask();
        Assert.False(write.IsCompleted);
        await peer.SendAsync(YamuxFrames.Window(1, 200_000));
        await write.WaitAsync(YamuxPair.Patience);
    }

    [Fact]
    public async Task A_message_larger_than_the_window_can_be_awaited_whole()
    {
        (YamuxStream opener, YamuxStream acceptor) = await _pair.OpenAsync();
        Task write = opener.WriteAsync(new byte[5_000_000], CancellationToken.None).AsTask();

        Assert.Equal(5_000_000, (await acceptor.ReadExactlyAsync(5_000_000)).Length);
        await write;
    }

    [Fact]
    public async Task What_is_neither_consumed_nor_examined_grants_no_credit()
    {
        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync();
        await peer.SendAsync(YamuxFrames.Data(2, YamuxOptions.InitialWindowBytes, YamuxFlags.Syn));
        YamuxStream stream = await peer.AcceptAsync();
        ReadResult result = await stream.Input.ReadAtLeastAsync(YamuxOptions.InitialWindowBytes / 4);
        stream.Input.AdvanceTo(result.Buffer.Start, result.Buffer.GetPosition(YamuxOptions.InitialWindowBytes / 4));
        await stream.WriteAsync(new byte[1], CancellationToken.None);
        (YamuxHeader first, _) = await peer.ReadUntilAsync(f => f.StreamId == 2);
        Assert.Equal(YamuxFrameType.Data, first.Type);

        await stream.ReadExactlyAsync(YamuxOptions.InitialWindowBytes);
        (first, _) = await peer.ReadUntilAsync(f => f.StreamId == 2);
        Assert.Equal(YamuxFrameType.WindowUpdate, first.Type);
        Assert.True(first.Length > 0);
    }

    [Fact]
    public async Task TryWrite_takes_all_or_nothing()
    {
        (YamuxStream opener, YamuxStream acceptor) = await _pair.OpenAsync();
        Assert.False(opener.TryWrite(new byte[YamuxOptions.Default.StreamSendBufferBytes + 1]));
        Assert.True(opener.TryWrite(new byte[3]));
        Assert.Equal(3, (await acceptor.ReadExactlyAsync(3)).Length);

        acceptor.Reset();
        await Assert.ThrowsAsync<StreamException>(opener.ReadToEndAsync);
        Assert.False(opener.TryWrite(new byte[3]));
    }

    [Fact]
    public async Task A_cancelled_write_resets_the_stream()
    {
        (YamuxStream opener, YamuxStream acceptor) = await _pair.OpenAsync();
        using var source = new CancellationTokenSource();
        Task write = opener.WriteAsync(new byte[2_000_000], source.Token).AsTask();

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.WaitAsync(YamuxPair.Patience));
        StreamException failed = await Assert.ThrowsAsync<StreamException>(() => acceptor.ReadToEndAsync());
        Assert.Equal(StreamFault.ResetByPeer, failed.Reason);
    }

    [Fact]
    public async Task A_cancelled_read_leaves_the_stream_as_it_was()
    {
        (YamuxStream opener, YamuxStream acceptor) = await _pair.OpenAsync();
        using var source = new CancellationTokenSource();
        Task<ReadResult> read = acceptor.Input.ReadAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(YamuxPair.Patience));

        await opener.WriteAsync("later"u8.ToArray(), CancellationToken.None);

        Assert.Equal("later"u8.ToArray(), await acceptor.ReadExactlyAsync(5));
    }

    [Fact]
    public async Task Reading_follows_the_rules_of_a_pipe()
    {
        (YamuxStream opener, YamuxStream acceptor) = await _pair.OpenAsync();
        PipeReader input = acceptor.Input;
        Assert.False(input.TryRead(out _));
        await opener.WriteAsync(new byte[10_000], CancellationToken.None);
        ReadResult result = await input.ReadAsync().AsTask().WaitAsync(YamuxPair.Patience);
        Assert.Throws<InvalidOperationException>(() => input.TryRead(out _));

        // What was examined and not consumed is given again, but only with something new.
        input.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);
        long seen = result.Buffer.Length - 1;
        if (seen == 9_999)
        {
            Assert.False(input.TryRead(out _));
        }

        await opener.WriteAsync(new byte[5], CancellationToken.None);
        result = await input.ReadAsync().AsTask().WaitAsync(YamuxPair.Patience);
        Assert.True(result.Buffer.Length > seen);
        input.AdvanceTo(result.Buffer.Start, result.Buffer.GetPosition(1));
        Assert.True(input.TryRead(out result));
        Assert.Throws<InvalidOperationException>(
            () => input.AdvanceTo(result.Buffer.GetPosition(3), result.Buffer.GetPosition(2)));

        input.AdvanceTo(result.Buffer.End);
        input.CancelPendingRead();
        Assert.True(input.TryRead(out result));
        Assert.True(result.IsCanceled);
        input.AdvanceTo(result.Buffer.Start);
    }

    [Fact]
    public async Task A_cancelled_read_that_gave_nothing_may_be_ended_after_bytes_have_come()
    {
        (YamuxStream _, YamuxStream acceptor) = await _pair.OpenAsync();
        var input = new YamuxInput(acceptor);
        input.CancelPendingRead();
        Assert.True(input.TryRead(out ReadResult result));

        input.Append("x"u8);
        input.AdvanceTo(result.Buffer.Start, result.Buffer.End);

        Assert.True(input.TryRead(out result));
        Assert.Equal("x"u8.ToArray(), result.Buffer.ToArray());
        input.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public async Task A_stream_on_which_the_opener_only_reads_reaches_the_peer()
    {
        YamuxStream opener = await _pair.Dialer.OpenStreamAsync(CancellationToken.None);
        Task<byte[]> read = opener.ReadExactlyAsync(5);
        YamuxStream acceptor = (await _pair.Listener.AcceptStreamAsync(CancellationToken.None))!;
        await acceptor.WriteAsync("hello"u8.ToArray(), CancellationToken.None);

        Assert.Equal("hello"u8.ToArray(), await read);
    }

    [Fact]
    public async Task A_disposed_stream_is_reset_and_its_reader_fails()
    {
        (YamuxStream opener, YamuxStream acceptor) = await _pair.OpenAsync();
        Task<ReadResult> read = acceptor.Input.ReadAsync().AsTask();
        await acceptor.DisposeAsync();
        await acceptor.DisposeAsync();

        await Assert.ThrowsAsync<StreamException>(() => read.WaitAsync(YamuxPair.Patience));
        StreamException failed = await Assert.ThrowsAsync<StreamException>(() => opener.ReadToEndAsync());
        Assert.Equal(StreamFault.ResetByPeer, failed.Reason);
    }

    [Fact]
    public async Task What_a_reader_was_given_stays_its_own_though_the_stream_is_disposed_under_it()
    {
        (YamuxStream opener, YamuxStream acceptor) = await _pair.OpenAsync();
        await opener.WriteAsync("mine"u8.ToArray(), CancellationToken.None);
        await opener.CloseWriteAsync(CancellationToken.None);
        await SettleAsync(acceptor, static result => result.IsCompleted);
        ReadResult given = await acceptor.Input.ReadAsync().AsTask().WaitAsync(YamuxPair.Patience);

        await acceptor.DisposeAsync();

        // An array that went back to its pool is the next to be rented, here for the bytes of somebody else.
        byte[][] rented = [.. Enumerable.Range(0, 16).Select(static _ => LinkBuffers.Rent(4096))];
        Array.ForEach(rented, static array => array.AsSpan().Fill(0xFF));
        Assert.Equal("mine"u8.ToArray(), given.Buffer.ToArray());
        Array.ForEach(rented, LinkBuffers.Return);
        acceptor.Input.AdvanceTo(given.Buffer.End);
        StreamException failed = await Assert.ThrowsAsync<StreamException>(() => acceptor.Input.ReadAsync().AsTask());
        Assert.Equal(StreamFault.ResetLocally, failed.Reason);
    }

    private static async Task ReadWindowAsync(RawYamuxPeer peer)
    {
        for (long read = 0; read < YamuxOptions.InitialWindowBytes;)
        {
            read += (await peer.ReadUntilAsync(f => f.Type == YamuxFrameType.Data)).Header.Length;
        }
    }

    // Waits until what can be read, and was not consumed, fits.
    private static async Task SettleAsync(YamuxStream stream, Func<ReadResult, bool> fits)
    {
        while (true)
        {
            ReadResult result = await stream.Input.ReadAsync().AsTask().WaitAsync(YamuxPair.Patience);
            bool done = fits(result);
            stream.Input.AdvanceTo(result.Buffer.Start, done ? result.Buffer.Start : result.Buffer.End);
            if (done)
            {
                return;
            }
        }
    }
}
