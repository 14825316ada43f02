using Pmq.Core.Addresses;
using Pmq.Libp2p.Transport;

namespace Pmq.Libp2p.Tests.Transport;

/// <summary>What every transport promises, run over each of them.</summary>
public abstract class TransportTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private protected ITransport Transport { get; init; } = null!;

    private protected Multiaddr AnyAddress { get; init; } = null!;

    private static CancellationToken Soon => new CancellationTokenSource(Patience).Token;

    [Fact]
    public async Task What_one_end_sends_the_other_receives_in_order()
    {
        (ITransportConnection dialer, ITransportConnection listener) = await ConnectAsync();
        byte[] sent = [.. Enumerable.Range(0, 2_000_000).Select(static i => (byte)(i * 31 >> 3))];
        Task sending = dialer.SendAsync(sent, Soon).AsTask();
        byte[] received = await ReceiveAsync(listener, sent.Length);
        await sending;
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task The_ends_know_each_others_address()
    {
        (ITransportConnection dialer, ITransportConnection listener) = await ConnectAsync();
        Assert.Equal(dialer.LocalAddress, listener.RemoteAddress);
        Assert.Equal(dialer.RemoteAddress, listener.LocalAddress);
    }

    [Fact]
    public async Task A_writer_waits_while_nobody_reads_and_goes_on_when_somebody_does()
    {
        (ITransportConnection dialer, ITransportConnection listener) = await ConnectAsync();
        byte[] sent = new byte[64 * 1024 * 1024];
        Task sending = dialer.SendAsync(sent, Soon).AsTask();
        Assert.False(sending.IsCompleted);
        Assert.Equal(sent.Length, (await ReceiveAsync(listener, sent.Length)).Length);
        await sending;
    }

    [Fact]
    public async Task Disposing_one_end_gives_the_other_what_was_sent_and_then_the_end()
    {
        (ITransportConnection dialer, ITransportConnection listener) = await ConnectAsync();
        await dialer.SendAsync(new byte[] { 1, 2, 3 }, Soon);
        await dialer.DisposeAsync();
        Assert.Equal([1, 2, 3], await ReceiveAsync(listener, 3));
        Assert.Equal(0, await listener.ReceiveAsync(new byte[8], Soon));
    }

    [Fact]
    public async Task Aborting_one_end_breaks_pending_calls_of_both()
    {
        (ITransportConnection dialer, ITransportConnection listener) = await ConnectAsync();
        Task<int> ours = dialer.ReceiveAsync(new byte[8], Soon).AsTask();
        Task<int> theirs = listener.ReceiveAsync(new byte[8], Soon).AsTask();
        dialer.Abort();
        dialer.Abort();
        await Assert.ThrowsAnyAsync<IOException>(() => ours);
        await Assert.ThrowsAnyAsync<IOException>(() => theirs);
    }

    [Fact]
    public async Task An_empty_receive_waits_for_bytes_and_takes_none()
    {
        (ITransportConnection dialer, ITransportConnection listener) = await ConnectAsync();
        Task<int> waiting = listener.ReceiveAsync(Memory<byte>.Empty, Soon).AsTask();
        Assert.False(waiting.IsCompleted);
        await dialer.SendAsync(new byte[] { 7 }, Soon);
        Assert.Equal(0, await waiting);
        Assert.Equal([7], await ReceiveAsync(listener, 1));
    }

    [Fact]
    public async Task After_an_empty_receive_the_next_one_does_not_wait()
    {
        (ITransportConnection dialer, ITransportConnection listener) = await ConnectAsync();
        const int Messages = 3000;
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < Messages; i++)
            {
                await dialer.SendAsync(new byte[10], Soon);
                if (i % 3 == 0)
                {
                    await Task.Yield();
                }
            }
        });
        byte[] buffer = new byte[64 * 1024];
        for (int received = 0; received < Messages * 10;)
        {
            await listener.ReceiveAsync(Memory<byte>.Empty, Soon);
            ValueTask<int> receiving = listener.ReceiveAsync(buffer, Soon);
            Assert.True(receiving.IsCompleted);
            received += await receiving;
        }

        await sending;
    }

    [Fact]
    public async Task Receiving_can_be_cancelled()
    {
        (_, ITransportConnection listener) = await ConnectAsync();
        using var cancel = new CancellationTokenSource();
        Task<int> waiting = listener.ReceiveAsync(new byte[8], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Sending_to_a_peer_that_does_not_read_can_be_cancelled()
    {
        (ITransportConnection dialer, _) = await ConnectAsync();
        using var cancel = new CancellationTokenSource();
        Task sending = dialer.SendAsync(new byte[64 * 1024 * 1024], cancel.Token).AsTask();
        Assert.False(sending.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_refused_by_name()
    {
        await using ITransportListener first = await Transport.ListenAsync(AnyAddress, Soon);
        IOException error = await Assert.ThrowsAsync<IOException>(
            async () => await Transport.ListenAsync(first.LocalAddress, Soon));
        Assert.Contains(first.LocalAddress.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains("taken", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_can_be_dialed_once_the_listener_is_disposed_and_accepting_ends()
    {
        ITransportListener listener = await Transport.ListenAsync(AnyAddress, Soon);
        Task<ITransportConnection?> accepting = listener.AcceptAsync(Soon).AsTask();
        await listener.DisposeAsync();
        Assert.Null(await accepting);
        await Assert.ThrowsAsync<IOException>(async () => await Transport.DialAsync(listener.LocalAddress, Soon));
    }

    private protected async Task<(ITransportConnection Dialer, ITransportConnection Listener)> ConnectAsync()
    {
        await using ITransportListener listener = await Transport.ListenAsync(AnyAddress, Soon);
        Task<ITransportConnection?> accepting = listener.AcceptAsync(Soon).AsTask();
        ITransportConnection dialer = await Transport.DialAsync(listener.LocalAddress, Soon);
        return (dialer, (await accepting)!);
    }

    private static async Task<byte[]> ReceiveAsync(ITransportConnection connection, int count)
    {
        byte[] buffer = new byte[count];
        for (int received = 0; received < count;)
        {
            int read = await connection.ReceiveAsync(buffer.AsMemory(received), Soon);
            Assert.NotEqual(0, read);
            received += read;
        }

        return buffer;
    }
}
