using System.Text;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Multistream;
using Pmq.Libp2p.Noise;
using Pmq.Libp2p.Transport.Tcp;
using Pmq.Testing.Peers;

namespace Pmq.Interop.Tests;

/// <summary>The handshake with and without the early muxer, who is refused, and the sizes of frames.</summary>
public sealed class NoiseTests
{
    private static readonly string[] Yamux = ["/yamux/1.0.0"];

    [Theory]
    [InlineData(Dialer.Ours, true, true)]
    [InlineData(Dialer.Js, true, true)]
    [InlineData(Dialer.Ours, false, true)]
    [InlineData(Dialer.Js, false, true)]
    [InlineData(Dialer.Ours, false, false)]
    [InlineData(Dialer.Js, false, false)]
    public async Task A_connection_works_with_the_muxer_agreed_early_and_without(Dialer dialer, bool jsEarly, bool oursEarly)
    {
        await using var pair = await Pair.ConnectAsync(
            dialer, o => o with { EarlyMuxer = oursEarly }, new { security = new { earlyMuxer = jsEarly } });

        await AssertEchoAsync(pair);
    }

    [Fact]
    public async Task A_js_dialer_that_lists_its_muxer_early_is_understood_though_we_list_none()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js, o => o with { EarlyMuxer = false });

        await AssertEchoAsync(pair);
    }

    [Theory]
    [InlineData(KeyType.Ed25519)]
    [InlineData(KeyType.Secp256k1)]
    public async Task An_identity_of_ours_of_any_type_that_js_knows_is_accepted_in_both_directions(KeyType type)
    {
        using var identity = PrivateKey.Generate(type, SystemEntropy.Instance);
        foreach (var dialer in new[] { Dialer.Ours, Dialer.Js })
        {
            await using var pair = await Pair.ConnectAsync(dialer, o => o with { Identity = identity });
            await AssertEchoAsync(pair);
        }
    }

    [Theory]
    [InlineData("secp256k1")]
    [InlineData("RSA")]
    public async Task An_identity_of_js_of_any_type_is_accepted_in_both_directions(string type)
    {
        await using var maker = await JsPeer.CreateAsync();
        var key = await maker.CallAsync("generateKey", new { type });
        foreach (var dialer in new[] { Dialer.Ours, Dialer.Js })
        {
            await using var pair = await Pair.ConnectAsync(
                dialer, js: new { privateKey = key.GetProperty("privateKey").GetString() });
            Assert.Equal(key.GetProperty("peerId").GetString(), pair.Connection.RemotePeer.ToString());
            await AssertEchoAsync(pair);
        }
    }

    [Fact]
    public async Task We_refuse_a_js_peer_who_is_not_the_one_we_dialed()
    {
        await using var pair = await Pair.StartAsync();
        using var other = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        var expected = PeerId.FromPublicKey(other.PublicKey);

        var refused = await Assert.ThrowsAsync<DialException>(async () =>
            await pair.Host.ConnectAsync(expected, [Multiaddr.Parse(pair.Js.Address).WithoutPeer()], Pair.Deadline));

        Assert.Equal(DialFault.WrongPeer, refused.Reason);
        Assert.Empty(pair.Host.Connections);
    }

    [Fact]
    public async Task Js_refuses_us_when_it_dialed_somebody_else()
    {
        await using var pair = await Pair.StartAsync();
        using var other = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        string address = pair.Host.ListenAddresses[0].WithoutPeer()
            .WithPeer(PeerId.FromPublicKey(other.PublicKey)).ToString();

        await Assert.ThrowsAsync<ScriptedPeerException>(() => pair.Js.CallAsync("dial", new { address }));
        await pair.ConnectAsync(Dialer.Js);
    }

    [Fact]
    public async Task We_refuse_a_js_listener_whose_signature_does_not_bind_its_key()
    {
        await using var pair = await Pair.StartAsync(js: new { security = new { badSignature = true } });

        var refused = await Assert.ThrowsAsync<DialException>(
            async () => await pair.Host.ConnectAsync(Multiaddr.Parse(pair.Js.Address), Pair.Deadline));

        Assert.Equal(DialFault.HandshakeFailed, refused.Reason);
        Assert.Contains(nameof(NoiseViolation.BadSignature), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task We_refuse_a_js_dialer_whose_signature_does_not_bind_its_key_and_live()
    {
        await using var pair = await Pair.StartAsync();
        await using var forger = await JsPeer.StartAsync(new { security = new { badSignature = true } });

        // The dialer finishes its side of the handshake before we can tell it anything.
        await forger.CallAsync("dial", new { address = pair.Host.ListenAddresses[0].ToString() });

        await pair.Logs.Lines.TakeAsync(l => l.Contains(nameof(NoiseViolation.BadSignature), StringComparison.Ordinal));
        await forger.EventAsync("connectionClose");
        Assert.Empty(pair.Host.Connections);
        await pair.ConnectAsync(Dialer.Js);
    }

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task Js_refuses_a_signature_of_ours_that_does_not_bind_our_key(Dialer dialer)
    {
        using var real = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        using var forged = new ForgedKey(real);
        await using var pair = await Pair.StartAsync(o => o with { Identity = forged });

        if (dialer == Dialer.Js)
        {
            var refused = await Assert.ThrowsAsync<ScriptedPeerException>(
                () => pair.Js.CallAsync("dial", new { address = pair.Host.ListenAddresses[0].ToString() }));
            Assert.Contains("signature", refused.Message, StringComparison.OrdinalIgnoreCase);
        }
        else
        {
            var connection = await pair.Host.ConnectAsync(Multiaddr.Parse(pair.Js.Address), Pair.Deadline);
            var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = connection.Closed.Register(closed.SetResult);
            await closed.Task.WaitAsync(Pair.Deadline);
            Assert.NotNull(connection.CloseReason);
        }
    }

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task Frames_of_17_bytes_from_js_carry_a_whole_connection(Dialer dialer)
    {
        await using var pair = await Pair.ConnectAsync(dialer, js: new { security = new { noiseFrame = 1 } });

        await AssertEchoAsync(pair);
    }

    [Fact]
    public async Task Frames_of_17_bytes_from_us_are_understood_by_js()
    {
        await using var js = await JsPeer.StartAsync();
        var address = Multiaddr.Parse(js.Address);
        using var key = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        using var identity = new NoiseIdentity(key, SystemEntropy.Instance);
        await using var transport = await new TcpTransport().DialAsync(address.WithoutPeer(), Pair.Deadline);
        var agreed = await MultistreamUpgrade.RunAsync(
            transport, new DialerNegotiation(["/noise"], new MultistreamLimits()), ReadOnlyMemory<byte>.Empty, Pair.Deadline);
        using var noise = new NoiseUpgrade(
            transport, ConnectionDirection.Outbound, identity, address.Peer, Yamux, NoiseOptions.Default, SystemEntropy.Instance);
        var secured = await noise.RunAsync(agreed.Rest, Pair.Deadline);
        Assert.Equal(Yamux[0], secured.Channel!.Muxer);

        // A Yamux ping: version 0, type 2, flags SYN, stream 0, value.
        byte[] ping = [0, 2, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4];
        foreach (byte part in ping)
        {
            await secured.Channel.WriteAsync(new[] { part }, Pair.Deadline);
        }

        // js opens with frames of its own: look for the answer among them.
        byte[] pong = [0, 2, 0, 2, 0, 0, 0, 0, 1, 2, 3, 4];
        byte[] received = new byte[4096];
        int length = 0;
        while (received.AsSpan(0, length).IndexOf(pong) < 0)
        {
            int read = await secured.Channel.ReadAsync(received.AsMemory(length), Pair.Deadline);
            Assert.NotEqual(0, read);
            length += read;
        }
    }

    [Fact]
    public async Task Frames_of_65535_bytes_from_js_arrive_whole()
    {
        // js cuts its plaintext at 65,519 bytes: a write of 1 MiB makes frames of the largest size.
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        const int Bytes = 8 * 1024 * 1024;

        var sent = await pair.Js.CallAsync(
            "upload", new { peer = pair.Host.LocalPeer.ToString(), protocol = "/count", bytes = Bytes, writeBytes = 65536 });

        byte[] answer = sent.GetProperty("answer").GetBytesFromBase64();
        Assert.Equal(Pattern.Hash(Bytes), answer[8..]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    public async Task A_frame_that_is_shorter_than_its_tag_ends_the_connection_with_a_named_reason(int length)
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        using var watch = new ConnectionWatch(pair.Host, pair.JsPeerId);
        await watch.Connected.WaitAsync(Pair.Deadline);

        await SendBeneathAsync(pair, [0, (byte)length, .. new byte[length]]);

        var reason = await watch.Disconnected.WaitAsync(Pair.Deadline);
        Assert.Equal(CloseKind.ProtocolViolation, reason.Kind);
        Assert.Contains(nameof(NoiseViolation.FrameTooShort), reason.Detail, StringComparison.Ordinal);
        await pair.ConnectAsync(Dialer.Js);
    }

    [Fact]
    public async Task A_forged_frame_ends_the_connection_with_a_named_reason()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Js);
        using var watch = new ConnectionWatch(pair.Host, pair.JsPeerId);
        await watch.Connected.WaitAsync(Pair.Deadline);

        await SendBeneathAsync(pair, [0, 40, .. new byte[40]]);

        var reason = await watch.Disconnected.WaitAsync(Pair.Deadline);
        Assert.Equal(CloseKind.ProtocolViolation, reason.Kind);
        Assert.Contains(nameof(NoiseViolation.AuthenticationFailed), reason.Detail, StringComparison.Ordinal);
    }

    private static async Task SendBeneathAsync(Pair pair, byte[] data) =>
        await pair.Js.CallAsync("sendBeneath", new { peer = pair.Host.LocalPeer.ToString(), data });

    private static async Task AssertEchoAsync(Pair pair)
    {
        await using var stream = await pair.Connection.OpenStreamAsync(["/echo"], Pair.Deadline);
        await stream.WriteAsync("hello"u8.ToArray(), Pair.Deadline);
        await stream.CloseWriteAsync(Pair.Deadline);
        Assert.Equal("hello", Encoding.ASCII.GetString(await stream.ReadToEndAsync(Pair.Deadline)));

        var back = await pair.Js.CallAsync(
            "upload", new { peer = pair.Host.LocalPeer.ToString(), protocol = "/count", bytes = 100_000 });
        Assert.Equal(Pattern.Hash(100_000), back.GetProperty("answer").GetBytesFromBase64()[8..]);
    }

    /// <summary>Claims a public key and signs with another.</summary>
    private sealed class ForgedKey(PrivateKey claimed) : PrivateKey
    {
        private readonly PrivateKey _other = Generate(KeyType.Ed25519, SystemEntropy.Instance);

        public override PublicKey PublicKey => claimed.PublicKey;

        public override int MaxSignatureLength => _other.MaxSignatureLength;

        public override int Sign(ReadOnlySpan<byte> message, Span<byte> destination) => _other.Sign(message, destination);

        public override byte[] ToProtobuf() => claimed.ToProtobuf();

        public override void Dispose() => _other.Dispose();
    }
}
