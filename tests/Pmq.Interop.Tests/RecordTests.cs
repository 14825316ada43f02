using Pmq.Core.Addresses;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Testing.Peers;

namespace Pmq.Interop.Tests;

/// <summary>Signed envelopes and peer records, sealed on one side and opened on the other.</summary>
public sealed class RecordTests(IdentityTests.KeyMaker js) : IClassFixture<IdentityTests.KeyMaker>
{
    private const string LegacyDomain = "libp2p-routing-state";
    private static readonly string[] Addresses = ["/ip4/1.2.3.4/tcp/4001", "/dns4/example.org/tcp/443"];

    [Theory]
    [InlineData("Ed25519")]
    [InlineData("secp256k1")]
    [InlineData("RSA")]
    public async Task A_record_sealed_by_js_opens_here(string type)
    {
        var key = await js.Peer.CallAsync("generateKey", new { type });
        var made = await js.Peer.CallAsync(
            "sealRecord", new { privateKey = key.GetProperty("privateKey").GetString(), addresses = Addresses, sequence = "18446744073709551615" });

        var record = PeerRecord.TryOpen(made.GetProperty("envelope").GetBytesFromBase64());

        Assert.NotNull(record);
        Assert.Equal(key.GetProperty("peerId").GetString(), record.Peer.ToString());
        Assert.Equal(ulong.MaxValue, record.Sequence);
        Assert.Equal(Addresses, record.Addresses.Select(a => a.ToString()));
    }

    [Theory]
    [InlineData(KeyType.Ed25519)]
    [InlineData(KeyType.Secp256k1)]
    public async Task A_record_sealed_here_opens_at_js(KeyType type)
    {
        using var key = PrivateKey.Generate(type, SystemEntropy.Instance);
        var peer = PeerId.FromPublicKey(key.PublicKey);
        var sealedRecord = new PeerRecord(peer, 7, [.. Addresses.Select(Multiaddr.Parse)]).Seal(key);

        var opened = await js.Peer.CallAsync("openRecord", new { envelope = sealedRecord.Encoded.ToArray() });

        Assert.Equal(peer.ToString(), opened.GetProperty("peerId").GetString());
        Assert.Equal(peer.ToString(), opened.GetProperty("signer").GetString());
        Assert.Equal("7", opened.GetProperty("sequence").GetString());
        Assert.Equal(Addresses, opened.GetProperty("addresses").EnumerateArray().Select(a => a.GetString()));
    }

    [Fact]
    public async Task A_record_under_the_domain_of_the_RFC_text_as_rust_seals_it_opens_here()
    {
        var key = await js.Peer.CallAsync("generateKey", new { type = "Ed25519" });
        var peer = PeerId.Parse(key.GetProperty("peerId").GetString()!);
        byte[] payload = RecordOf(peer, 9, Multiaddr.Parse(Addresses[0]));

        var made = await js.Peer.CallAsync("sealEnvelope", new
        {
            privateKey = key.GetProperty("privateKey").GetString(),
            domain = LegacyDomain,
            payloadType = "/libp2p/routing-state-record"u8.ToArray(),
            payload,
        });

        var record = PeerRecord.TryOpen(made.GetProperty("envelope").GetBytesFromBase64());
        Assert.NotNull(record);
        Assert.Equal((peer, 9UL), (record.Peer, record.Sequence));
    }

    [Fact]
    public async Task A_record_of_somebody_else_than_its_signer_does_not_open()
    {
        var key = await js.Peer.CallAsync("generateKey", new { type = "Ed25519" });
        using var other = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        var record = new PeerRecord(PeerId.FromPublicKey(other.PublicKey), 9, []).Seal(other);

        var made = await js.Peer.CallAsync("sealEnvelope", new
        {
            privateKey = key.GetProperty("privateKey").GetString(),
            domain = "libp2p-peer-record",
            payloadType = record.PayloadType.ToArray(),
            payload = record.Payload.ToArray(),
        });

        Assert.NotNull(PeerRecord.TryOpen(record.Encoded));
        Assert.Null(PeerRecord.TryOpen(made.GetProperty("envelope").GetBytesFromBase64()));
    }

    [Fact]
    public async Task An_envelope_with_any_payload_passes_both_ways_under_its_own_domain_only()
    {
        using var ours = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        var here = SignedEnvelope.Seal(ours, "pmq-test", "type"u8, "payload"u8);
        var opened = await js.Peer.CallAsync("openEnvelope", new { envelope = here.Encoded.ToArray(), domain = "pmq-test" });
        Assert.Equal("payload"u8.ToArray(), opened.GetProperty("payload").GetBytesFromBase64());
        await Assert.ThrowsAsync<ScriptedPeerException>(
            () => js.Peer.CallAsync("openEnvelope", new { envelope = here.Encoded.ToArray(), domain = "pmq-other" }));

        var key = await js.Peer.CallAsync("generateKey", new { type = "Ed25519" });
        var made = await js.Peer.CallAsync("sealEnvelope", new
        {
            privateKey = key.GetProperty("privateKey").GetString(),
            domain = "pmq-test",
            payloadType = "type"u8.ToArray(),
            payload = "payload"u8.ToArray(),
        });
        byte[] there = made.GetProperty("envelope").GetBytesFromBase64();
        var read = SignedEnvelope.TryOpen(there, "pmq-test");
        Assert.NotNull(read);
        Assert.Equal("payload"u8.ToArray(), read.Payload.ToArray());
        Assert.Null(SignedEnvelope.TryOpen(there, "pmq-other"));
    }

    // peer_id=1 bytes, seq=2 varint, addresses=3 {multiaddr=1 bytes}
    private static byte[] RecordOf(PeerId peer, byte sequence, Multiaddr address)
    {
        byte[] inner = [0x0a, (byte)address.Bytes.Length, .. address.Bytes];
        return [0x0a, (byte)peer.Bytes.Length, .. peer.Bytes, 0x10, sequence, 0x1a, (byte)inner.Length, .. inner];
    }
}
