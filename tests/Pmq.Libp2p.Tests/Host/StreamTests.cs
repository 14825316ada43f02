using Pmq.Core.Hosting;
using Pmq.Libp2p.Swarm;

namespace Pmq.Libp2p.Tests.Host;

/// <summary>How streams are negotiated, dispatched to handlers and limited.</summary>
public sealed class StreamTests : IAsyncDisposable
{
    private const string Echo = "/echo/1";

    private readonly HostFixture _hosts = new();

    public ValueTask DisposeAsync() => _hosts.DisposeAsync();

    [Fact]
    public async Task The_first_protocol_that_the_peer_serves_is_chosen()
    {
        IConnection connection = await ConnectAsync(two => two.Handle(Echo, StreamExtensions.EchoAsync));
        await using IStream stream = await connection.OpenStreamAsync(["/new/2", "/new/1", Echo], HostFixture.Soon);
        Assert.Equal(Echo, stream.Protocol);
        await stream.WriteTextAsync("x");
        Assert.Equal("x", await stream.ReadTextAsync(1));
    }

    [Fact]
    public async Task A_protocol_that_nobody_serves_is_refused_by_name()
    {
        IConnection connection = await ConnectAsync(static _ => { });
        StreamException error = await Assert.ThrowsAsync<StreamException>(
            async () => await connection.OpenStreamAsync(["/nobody/1"], HostFixture.Soon));
        Assert.Equal(StreamFault.ProtocolNotSupported, error.Reason);
        Assert.Contains("/nobody/1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_to_an_identified_peer_is_open_at_once_and_carries_data_behind_the_proposal()
    {
        IConnection connection = await ConnectIdentifiedAsync(two => two.Handle(Echo, StreamExtensions.EchoAsync));
        ValueTask<IStream> opening = connection.OpenStreamAsync([Echo], HostFixture.Soon);
        Assert.True(opening.IsCompletedSuccessfully);
        await using IStream stream = await opening;
        Assert.IsType<OptimisticStream>(stream);
        Assert.True(stream.TryWrite("hello"u8));
        await stream.CloseWriteAsync(HostFixture.Soon);
        Assert.Equal("hello", await stream.ReadToEndAsync());
    }

    [Fact]
    public async Task A_first_write_above_the_joined_size_arrives_whole()
    {
        IConnection connection = await ConnectIdentifiedAsync(two => two.Handle(Echo, StreamExtensions.EchoAsync));
        await using IStream stream = await connection.OpenStreamAsync([Echo], HostFixture.Soon);
        string text = new('x', 2_000_000);
        Task<string> reading = stream.ReadToEndAsync();
        await stream.WriteTextAsync(text);
        await stream.CloseWriteAsync(HostFixture.Soon);
        Assert.Equal(text, await reading);
    }

    [Fact]
    public async Task A_stream_that_is_only_read_sends_its_proposal_too()
    {
        IConnection connection = await ConnectIdentifiedAsync(two => two.Handle("/tell/1", static async (stream, ct) =>
        {
            await stream.WriteAsync("told"u8.ToArray(), ct);
            await stream.CloseWriteAsync(ct);
        }));
        await using IStream stream = await connection.OpenStreamAsync(["/tell/1"], HostFixture.Soon);
        Assert.Equal("told", await stream.ReadToEndAsync());
    }

    [Fact]
    public async Task A_peer_that_no_longer_serves_what_it_told_refuses_reads_and_writes_by_name()
    {
        Libp2pHost? serving = null;
        IConnection connection = await ConnectIdentifiedAsync(two =>
        {
            serving = two;
            two.Handle(Echo, StreamExtensions.EchoAsync);
        });
        await using IStream stream = await connection.OpenStreamAsync([Echo], HostFixture.Soon);
        serving!.StopHandling(Echo);
        await stream.WriteTextAsync("too late");
        StreamException error = await Assert.ThrowsAsync<StreamException>(
            async () => await stream.Input.ReadAsync(HostFixture.Soon));
        Assert.Equal(StreamFault.ProtocolNotSupported, error.Reason);
        Assert.False(stream.TryWrite("more"u8));
        error = await Assert.ThrowsAsync<StreamException>(async () => await stream.WriteTextAsync("more"));
        Assert.Equal(StreamFault.ProtocolNotSupported, error.Reason);
    }

    [Fact]
    public async Task An_optimistic_stream_that_is_disposed_untouched_costs_nothing()
    {
        IConnection connection = await ConnectIdentifiedAsync(two => two.Handle(Echo, StreamExtensions.EchoAsync));
        IStream stream = await connection.OpenStreamAsync([Echo], HostFixture.Soon);
        await stream.DisposeAsync();
        Assert.False(stream.TryWrite("x"u8));
        await Assert.ThrowsAsync<StreamException>(async () => await stream.WriteTextAsync("x"));
        await using IStream next = await connection.OpenStreamAsync([Echo], HostFixture.Soon);
        await next.WriteTextAsync("y");
        Assert.Equal("y", await next.ReadTextAsync(1));
    }

    [Fact]
    public async Task What_an_optimistic_stream_wrote_before_its_half_close_arrives_though_it_is_disposed_at_once()
    {
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        IConnection connection = await ConnectIdentifiedAsync(two => two.Handle("/hear/1", async (stream, _) =>
        {
            await disposed.Task;
            told.SetResult(await stream.ReadToEndAsync());
            await stream.CloseWriteAsync(HostFixture.Soon);
        }));

        // More than the window: a part waits in the send buffer until the peer reads.
        string text = new('x', 400_000);
        IStream stream = await connection.OpenStreamAsync(["/hear/1"], HostFixture.Soon);
        await stream.WriteTextAsync(text);
        await stream.CloseWriteAsync(HostFixture.Soon);
        await stream.DisposeAsync();
        disposed.SetResult();
        Assert.Equal(text, await told.Task.WaitAsync(HostFixture.Patience));
    }

    [Fact]
    public async Task An_optimistic_stream_whose_input_is_ended_early_goes_on_and_is_disposed_without_complaint()
    {
        IConnection connection = await ConnectIdentifiedAsync(two => two.Handle(Echo, StreamExtensions.EchoAsync));
        IStream stream = await connection.OpenStreamAsync([Echo], HostFixture.Soon);
        await stream.Input.CompleteAsync();
        await stream.WriteTextAsync("one");
        await using (IStream next = await connection.OpenStreamAsync([Echo], HostFixture.Soon))
        {
            // Its answer comes behind the answer to the first proposal.
            await next.WriteTextAsync("y");
            Assert.Equal("y", await next.ReadTextAsync(1));
        }

        await stream.WriteTextAsync("two");
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task An_exception_of_a_handler_resets_its_stream_and_nothing_else()
    {
        IConnection connection = await ConnectAsync(two =>
        {
            two.Handle("/throws/1", static (_, _) => throw new InvalidOperationException("A bug of the handler."));
            two.Handle(Echo, StreamExtensions.EchoAsync);
        });
        await using IStream good = await connection.OpenStreamAsync([Echo], HostFixture.Soon);
        StreamException error = await Assert.ThrowsAsync<StreamException>(() => OpenAndReadAsync(connection, "/throws/1"));
        Assert.Equal(StreamFault.ResetByPeer, error.Reason);
        await good.WriteTextAsync("still here");
        Assert.Equal("still here", await good.ReadTextAsync(10));
        Assert.Null(connection.CloseReason);
    }

    [Fact]
    public async Task A_handler_that_ends_without_half_closing_resets_the_stream()
    {
        IConnection connection = await ConnectAsync(two => two.Handle("/leaves/1", static (_, _) => Task.CompletedTask));
        StreamException error = await Assert.ThrowsAsync<StreamException>(() => OpenAndReadAsync(connection, "/leaves/1"));
        Assert.Equal(StreamFault.ResetByPeer, error.Reason);
    }

    // CVE-2022-23492, CVE-2022-23486, CVE-2022-23487: streams without end.
    [Fact]
    public async Task Streams_of_a_protocol_beyond_the_limit_are_reset_and_a_free_place_is_used_again()
    {
        IConnection connection = await ConnectAsync(
            two => two.Handle(Echo, StreamExtensions.EchoAsync),
            static options => options with { MaxInboundStreamsPerProtocol = 2 });
        var streams = new List<IStream>();
        for (int i = 0; i < 2; i++)
        {
            streams.Add(await OpenEchoAsync(connection));
        }

        await Assert.ThrowsAsync<StreamException>(() => OpenAndReadAsync(connection, Echo));
        await streams[0].CloseWriteAsync(HostFixture.Soon);
        Assert.Equal("", await streams[0].ReadToEndAsync());

        streams.Add(await OpenWhenFreeAsync(connection));
    }

    // CVE-2022-23492, CVE-2022-23486, CVE-2022-23487: streams without end, a few of each of many peers.
    [Fact]
    public async Task Streams_of_all_peers_beyond_the_limit_are_reset_and_a_free_place_is_used_again()
    {
        IConnection connection = await ConnectAsync(
            two => two.Handle(Echo, StreamExtensions.EchoAsync),
            static options => options with { MaxInboundStreams = 3 });

        // Identify takes a place for a moment.
        var streams = new List<IStream>();
        while (streams.Count < 3)
        {
            streams.Add(await OpenWhenFreeAsync(connection));
        }

        await Assert.ThrowsAsync<StreamException>(() => OpenAndReadAsync(connection, Echo));

        // Another peer, which has none, is served all the same.
        Libp2pHost three = await _hosts.StartAsync(3);
        IConnection other = await three.ConnectAsync(
            connection.RemotePeer, [connection.RemoteAddress], HostFixture.Soon);
        await OpenWhenFreeAsync(other);

        await other.CloseAsync(new CloseReason(CloseKind.LocalClose));
        await streams[0].CloseWriteAsync(HostFixture.Soon);
        Assert.Equal("", await streams[0].ReadToEndAsync());
        await OpenWhenFreeAsync(connection);
        Assert.Null(connection.CloseReason);
    }

    [Fact]
    public async Task A_handler_hears_of_the_end_of_its_connection()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        IConnection connection = await ConnectAsync(two => two.Handle("/waits/1", async (_, ct) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, ct);
            }
            finally
            {
                ended.SetResult();
            }
        }));
        await using IStream stream = await connection.OpenStreamAsync(["/waits/1"], HostFixture.Soon);
        await connection.CloseAsync(new CloseReason(CloseKind.LocalClose));
        await ended.Task.WaitAsync(HostFixture.Patience);
    }

    [Fact]
    public async Task A_thousand_streams_at_once_all_talk()
    {
        IConnection connection = await ConnectIdentifiedAsync(
            two => two.Handle(Echo, StreamExtensions.EchoAsync),
            static options => options with { MaxInboundStreamsPerProtocol = 1000 });
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 1000),
            new ParallelOptions { MaxDegreeOfParallelism = 100 },
            async (i, _) =>
            {
                await using IStream stream = await connection.OpenStreamAsync([Echo], HostFixture.Soon);
                await stream.WriteTextAsync($"{i:D4}");
                await stream.CloseWriteAsync(HostFixture.Soon);
                Assert.Equal($"{i:D4}", await stream.ReadToEndAsync());
            });
    }

    /// <summary>A reset may come before or after the answer to the proposal.</summary>
    private static async Task OpenAndReadAsync(IConnection connection, string protocol)
    {
        await using IStream stream = await connection.OpenStreamAsync([protocol], HostFixture.Soon);
        await stream.Input.ReadAsync(HostFixture.Soon);
    }

    /// <summary>The handler leaves just after its half-close was sent: a stream that comes before that is still refused.</summary>
    private static async Task<IStream> OpenWhenFreeAsync(IConnection connection)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            try
            {
                return await OpenEchoAsync(connection);
            }
            catch (StreamException)
            {
                await pace.WaitForNextTickAsync(HostFixture.Soon);
            }
        }
    }

    private static async Task<IStream> OpenEchoAsync(IConnection connection)
    {
        IStream stream = await connection.OpenStreamAsync([Echo], HostFixture.Soon);
        try
        {
            await stream.WriteTextAsync("x");
            Assert.Equal("x", await stream.ReadTextAsync(1));
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private async Task<IConnection> ConnectAsync(
        Action<Libp2pHost> serve, Func<Libp2pHostOptions, Libp2pHostOptions>? change = null)
    {
        Libp2pHost one = await _hosts.StartAsync(1);
        Libp2pHost two = await _hosts.StartAsync(2, change);
        serve(two);
        return await HostFixture.ConnectAsync(one, two);
    }

    private async Task<IConnection> ConnectIdentifiedAsync(
        Action<Libp2pHost> serve, Func<Libp2pHostOptions, Libp2pHostOptions>? change = null)
    {
        Libp2pHost one = await _hosts.StartAsync(1);
        Libp2pHost two = await _hosts.StartAsync(2, change);
        serve(two);
        var recorder = new HostRecorder();
        one.Observe(recorder);
        IConnection connection = await HostFixture.ConnectAsync(one, two);
        await recorder.UntilToldAsync("Identified");
        return connection;
    }
}
