using Pmq.Core.Hosting;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Noise;
using Pmq.Libp2p.Tests.Yamux;
using Pmq.Libp2p.Transport;

namespace Pmq.Libp2p.Tests.Noise;

public sealed class NoiseUpgradeTests : IDisposable
{
    private readonly NoiseParty _alice = new(1);
    private readonly NoiseParty _bob = new(2);
    private readonly ITransportConnection _dialer;
    private readonly ITransportConnection _listener;

    public NoiseUpgradeTests() => (_dialer, _listener) = YamuxPair.MemoryTransports();

    [Fact]
    public async Task The_first_message_can_travel_with_the_proposal_and_arrive_with_it()
    {
        using NoiseUpgrade outbound = Outbound(expected: true);
        using NoiseUpgrade inbound = Inbound();
        ReadOnlyMemory<byte> first = outbound.TakeFirstMessage();
        Assert.Equal(34, first.Length);

        Task<NoiseUpgradeResult> answered = inbound.RunAsync(first, CancellationToken.None).AsTask();
        NoiseChannel ours = (await outbound.RunAsync(default, CancellationToken.None)).Channel!;
        await ours.WriteAsync("hello"u8.ToArray(), CancellationToken.None);
        NoiseChannel theirs = (await answered.WaitAsync(YamuxPair.Patience)).Channel!;

        Assert.Equal(_bob.PeerId, ours.RemotePeer);
        Assert.Equal(_alice.PeerId, theirs.RemotePeer);
        Assert.Equal("/yamux/1.0.0", ours.Muxer);
        Assert.Equal("/yamux/1.0.0", theirs.Muxer);
        Assert.Equal("hello"u8.ToArray(), await ReadAsync(theirs, 5));
    }

    [Fact]
    public async Task A_handshake_in_single_bytes_succeeds()
    {
        (ITransportConnection far, ITransportConnection near) = YamuxPair.MemoryTransports();
        using NoiseUpgrade outbound = Outbound();
        using var inbound = new NoiseUpgrade(
            near, ConnectionDirection.Inbound, _bob.Identity, null, [], NoiseOptions.Default, SystemEntropy.Instance);
        Task<NoiseUpgradeResult> answered = inbound.RunAsync(default, CancellationToken.None).AsTask();
        Task<NoiseUpgradeResult> asked = outbound.RunAsync(default, CancellationToken.None).AsTask();
        await CopyBytewiseAsync(_listener, far, 34);
        await CopyBytewiseAsync(far, _listener, 2 + 200);
        NoiseChannel ours = (await asked.WaitAsync(YamuxPair.Patience)).Channel!;
        await ours.WriteAsync(new byte[3], CancellationToken.None);
        await CopyBytewiseAsync(_listener, far, 2 + 184 + 2 + 3 + 16);

        NoiseChannel theirs = (await answered.WaitAsync(YamuxPair.Patience)).Channel!;
        Assert.Null(theirs.Muxer);
        Assert.Equal(new byte[3], await ReadAsync(theirs, 3));
    }

    [Fact]
    public async Task Somebody_else_than_expected_is_refused_and_nothing_more_is_sent()
    {
        using NoiseUpgrade outbound = new(
            _dialer,
            ConnectionDirection.Outbound,
            _alice.Identity,
            _alice.PeerId,
            [],
            NoiseOptions.Default,
            SystemEntropy.Instance);
        using NoiseUpgrade inbound = Inbound();
        Task<NoiseUpgradeResult> answered = inbound.RunAsync(default, CancellationToken.None).AsTask();

        NoiseUpgradeResult result = await outbound.RunAsync(default, CancellationToken.None);

        Assert.Equal(NoiseViolation.WrongPeer, result.Violation);
        Assert.Null(result.Channel);
        await _dialer.DisposeAsync();
        Assert.Equal(NoiseViolation.Truncated, (await answered.WaitAsync(YamuxPair.Patience)).Violation);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(33)]
    public async Task A_stream_that_ends_within_the_handshake_is_named_so(int length)
    {
        using NoiseUpgrade outbound = Outbound();
        using NoiseUpgrade inbound = Inbound();
        await _dialer.SendAsync(outbound.TakeFirstMessage()[..length], CancellationToken.None);
        await _dialer.DisposeAsync();

        Assert.Equal(NoiseViolation.Truncated, (await inbound.RunAsync(default, CancellationToken.None)).Violation);
    }

    [Fact]
    public async Task A_length_beyond_the_cap_is_refused_before_the_body_comes()
    {
        using NoiseUpgrade inbound = Inbound();

        NoiseUpgradeResult result = await inbound.RunAsync(new byte[] { 0xFF, 0xFF }, CancellationToken.None);

        Assert.Equal(NoiseViolation.FirstMessageHasPayload, result.Violation);
    }

    [Fact]
    public async Task Lengths_are_unsigned_so_the_second_message_may_be_too_long_but_never_negative()
    {
        using NoiseUpgrade outbound = Outbound();
        Task<NoiseUpgradeResult> asked = outbound.RunAsync(default, CancellationToken.None).AsTask();
        await _listener.SendAsync(new byte[] { 0x80, 0x00 }, CancellationToken.None);

        Assert.Equal(NoiseViolation.MessageTooLong, (await asked.WaitAsync(YamuxPair.Patience)).Violation);
    }

    [Fact]
    public async Task A_cancelled_handshake_throws_the_callers_cancellation()
    {
        using NoiseUpgrade inbound = Inbound();
        using var source = new CancellationTokenSource();
        Task<NoiseUpgradeResult> running = inbound.RunAsync(default, source.Token).AsTask();

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(YamuxPair.Patience));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(65_519)]
    public async Task Frames_of_the_smallest_and_the_largest_size_are_read(int length)
    {
        (NoiseChannel ours, NoiseChannel theirs) = await YamuxPair.HandshakeAsync(_dialer, _listener);
        byte[] frame = Frame(ours, Enumerable.Range(0, length).Select(i => (byte)i).ToArray());
        Assert.Equal(length + 18, frame.Length);

        Task send = _dialer.SendAsync(frame, CancellationToken.None).AsTask();

        Assert.Equal(Enumerable.Range(0, length).Select(i => (byte)i).ToArray(), await ReadAsync(theirs, length));
        await send;
    }

    [Fact]
    public async Task Frames_without_content_are_skipped()
    {
        (NoiseChannel ours, NoiseChannel theirs) = await YamuxPair.HandshakeAsync(_dialer, _listener);
        await _dialer.SendAsync(Frame(ours, []), CancellationToken.None);
        await _dialer.SendAsync(Frame(ours, [7]), CancellationToken.None);

        Assert.Equal([7], await ReadAsync(theirs, 1));
    }

    [Fact]
    public async Task Data_beyond_one_frame_is_cut_and_joined()
    {
        (NoiseChannel ours, NoiseChannel theirs) = await YamuxPair.HandshakeAsync(_dialer, _listener);
        byte[] data = new byte[200_000];
        new SeededChance(5).Shuffle<byte>(data);

        Task write = ours.WriteAsync(data, CancellationToken.None).AsTask();

        Assert.Equal(data, await ReadAsync(theirs, data.Length));
        await write;
    }

    [Fact]
    public async Task A_damaged_frame_ends_the_channel_with_its_reason()
    {
        (NoiseChannel ours, NoiseChannel theirs) = await YamuxPair.HandshakeAsync(_dialer, _listener);
        byte[] frame = Frame(ours, [1, 2, 3]);
        frame[4] ^= 1;
        await _dialer.SendAsync(frame, CancellationToken.None);

        await Assert.ThrowsAsync<IOException>(() => ReadAsync(theirs, 1));
        Assert.Equal(NoiseViolation.AuthenticationFailed, theirs.Violation);
    }

    [Fact]
    public async Task A_frame_shorter_than_its_tag_ends_the_channel_with_its_reason()
    {
        (NoiseChannel _, NoiseChannel theirs) = await YamuxPair.HandshakeAsync(_dialer, _listener);
        byte[] frame = [0, 15, .. new byte[15]];
        await _dialer.SendAsync(frame, CancellationToken.None);

        await Assert.ThrowsAsync<IOException>(() => ReadAsync(theirs, 1));
        Assert.Equal(NoiseViolation.FrameTooShort, theirs.Violation);
    }

    [Fact]
    public async Task A_channel_that_ends_within_a_frame_is_truncated_and_one_between_frames_has_ended()
    {
        (NoiseChannel ours, NoiseChannel theirs) = await YamuxPair.HandshakeAsync(_dialer, _listener);
        byte[] frame = Frame(ours, [1, 2, 3]);
        await _dialer.SendAsync(frame.AsMemory(0, 10), CancellationToken.None);
        await _dialer.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(theirs, 1));
        Assert.Equal(NoiseViolation.Truncated, theirs.Violation);

        (ITransportConnection dialer, ITransportConnection listener) = YamuxPair.MemoryTransports();
        (NoiseChannel ends, NoiseChannel reads) = await YamuxPair.HandshakeAsync(dialer, listener);
        await ends.DisposeAsync();
        Assert.Equal(0, await reads.ReadAsync(new byte[1], CancellationToken.None));
    }

    public void Dispose()
    {
        _dialer.Abort();
        _listener.Abort();
        _alice.Dispose();
        _bob.Dispose();
    }

    private static byte[] Frame(NoiseChannel channel, byte[] plaintext)
    {
        byte[] frame = [0, 0, .. plaintext, .. new byte[NoiseCipher.TagLength]];
        Assert.True(channel.SendCipher.TryEncrypt(frame.AsSpan(2), plaintext.Length));
        NoiseFrame.WritePrefix(frame, frame.Length - 2);
        return frame;
    }

    private static async Task<byte[]> ReadAsync(NoiseChannel channel, int length)
    {
        var bytes = new byte[length];
        for (int i = 0; i < length;)
        {
            int read = await channel.ReadAsync(bytes.AsMemory(i), CancellationToken.None)
                .AsTask().WaitAsync(YamuxPair.Patience);
            Assert.NotEqual(0, read);
            i += read;
        }

        return bytes;
    }

    private static async Task CopyBytewiseAsync(ITransportConnection from, ITransportConnection to, int length)
    {
        var one = new byte[1];
        for (int i = 0; i < length; i++)
        {
            int received = await from.ReceiveAsync(one, CancellationToken.None).AsTask().WaitAsync(YamuxPair.Patience);
            Assert.Equal(1, received);
            await to.SendAsync(one, CancellationToken.None);
        }
    }

    private NoiseUpgrade Outbound(bool expected = false) => new(
        _dialer,
        ConnectionDirection.Outbound,
        _alice.Identity,
        expected ? _bob.PeerId : null,
        ["/yamux/1.0.0"],
        NoiseOptions.Default,
        SystemEntropy.Instance);

    private NoiseUpgrade Inbound() => new(
        _listener,
        ConnectionDirection.Inbound,
        _bob.Identity,
        null,
        ["/yamux/1.0.0"],
        NoiseOptions.Default,
        SystemEntropy.Instance);
}
