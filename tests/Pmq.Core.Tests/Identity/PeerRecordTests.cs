using System.Buffers;
using Pmq.Core.Addresses;
using Pmq.Core.Identity;
using Pmq.Core.Protobuf;
using Pmq.Testing;

namespace Pmq.Core.Tests.Identity;

public sealed class PeerRecordTests
{
    private static readonly Multiaddr[] Addresses =
        [Multiaddr.Parse("/ip4/127.0.0.1/tcp/4001"), Multiaddr.Parse("/dns4/example.org/tcp/443/wss")];

    private static readonly PrivateKey Key = PrivateKey.Generate(KeyType.Ed25519, new SeededEntropy(1));
    private static readonly PeerId Self = PeerId.FromPublicKey(Key.PublicKey);

    [Theory]
    [InlineData(KeyVectors.Ed25519Private, KeyVectors.Ed25519Record)]
    [InlineData(KeyVectors.Secp256k1Private, KeyVectors.Secp256k1Record)]
    public void Our_records_are_byte_for_byte_those_of_js(string secret, string envelope)
    {
        Assert.True(PrivateKey.TryDecode(Convert.FromHexString(secret), out PrivateKey? key));
        using (key)
        {
            PeerId peer = PeerId.FromPublicKey(key.PublicKey);
            var record = new PeerRecord(peer, 1234567890123, Addresses);
            Assert.Equal(envelope, Convert.ToHexStringLower(record.Seal(key).Encoded.Span));

            PeerRecord? opened = PeerRecord.TryOpen(Convert.FromHexString(envelope));
            Assert.NotNull(opened);
            Assert.Equal(peer, opened.Peer);
            Assert.Equal(1234567890123UL, opened.Sequence);
            Assert.Equal(Addresses, opened.Addresses);
        }
    }

    [Fact]
    public void The_form_of_the_RFC_is_taken_too_and_the_two_are_not_mixed()
    {
        byte[] payload = Payload(Self, 7, Addresses[0].Bytes.ToArray());
        byte[] rfcType = "/libp2p/routing-state-record"u8.ToArray();
        Assert.NotNull(PeerRecord.TryOpen(SignedEnvelope.Seal(Key, "libp2p-routing-state", rfcType, payload).Encoded));
        Assert.NotNull(PeerRecord.TryOpen(SignedEnvelope.Seal(Key, "libp2p-peer-record", [3, 1], payload).Encoded));
        Assert.Null(PeerRecord.TryOpen(SignedEnvelope.Seal(Key, "libp2p-peer-record", rfcType, payload).Encoded));
        Assert.Null(PeerRecord.TryOpen(SignedEnvelope.Seal(Key, "libp2p-routing-state", [3, 1], payload).Encoded));
        Assert.Null(PeerRecord.TryOpen(SignedEnvelope.Seal(Key, "libp2p-peer-record", [3, 2], payload).Encoded));
    }

    [Fact]
    public void A_record_that_another_peer_signed_is_refused()
    {
        // RUSTSEC-2022-0009.
        using PrivateKey other = PrivateKey.Generate(KeyType.Ed25519, new SeededEntropy(2));
        Assert.Null(PeerRecord.TryOpen(
            SignedEnvelope.Seal(other, "libp2p-peer-record", [3, 1], Payload(Self, 7)).Encoded));
        Assert.Throws<ArgumentException>(() => new PeerRecord(Self, 1, []).Seal(other));
    }

    [Fact]
    public void An_address_that_we_cannot_read_is_left_out()
    {
        PeerRecord? opened = Open(Payload(Self, 7, [0xFF, 0x7F], Addresses[0].Bytes.ToArray(), []));
        Assert.NotNull(opened);
        Assert.Equal([Addresses[0]], opened.Addresses);
    }

    [Fact]
    public void The_number_of_addresses_is_bounded()
    {
        byte[][] many = [.. Enumerable.Range(0, 100).Select(i => Multiaddr.Parse($"/ip4/10.0.0.{i}/tcp/1").Bytes.ToArray())];
        PeerRecord? opened = Open(Payload(Self, 7, many));
        Assert.NotNull(opened);
        Assert.Equal(PeerRecord.MaxAddresses, opened.Addresses.Count);
    }

    [Fact]
    public void A_record_without_a_peer_or_with_two_is_refused()
    {
        Assert.Null(Open([0x10, 0x01]));
        Assert.Null(Open([.. Payload(Self, 7), .. Payload(Self, 7)]));
        Assert.Null(Open([]));
        Assert.Null(Open([0x0a]));
    }

    [Fact]
    public void Any_bytes_are_a_record_or_refused()
    {
        byte[][] many = [.. Enumerable.Range(0, 64).Select(_ => new byte[] { 0xDD, 0x03 })];
        ParserFuzz.RunMemory(
            input => PeerRecord.TryOpen(input),
            [
                Convert.FromHexString(KeyVectors.Ed25519Record),
                SignedEnvelope.Seal(Key, "libp2p-peer-record", [3, 1], Payload(Self, 7, many)).Encoded.ToArray(),
            ],
            runs: 50_000);

        // A mutation rarely has a good signature: the payload's parser is fuzzed behind one too.
        ParserFuzz.Run(
            input => PeerRecord.TryDecode(input),
            [Payload(Self, 7, many), Payload(Self, ulong.MaxValue, Addresses[0].Bytes.ToArray(), Addresses[1].Bytes.ToArray())]);
    }

    private static PeerRecord? Open(byte[] payload) =>
        PeerRecord.TryOpen(SignedEnvelope.Seal(Key, "libp2p-peer-record", [3, 1], payload).Encoded);

    private static byte[] Payload(PeerId peer, ulong sequence, params byte[][] addresses)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new ProtoWriter(buffer);
        writer.WriteBytes(1, peer.Bytes);
        writer.WriteVarint(2, sequence);
        foreach (byte[] address in addresses)
        {
            writer.WriteLengthPrefix(3, ProtoWriter.SizeOfBytes(1, address.Length));
            writer.WriteBytes(1, address);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
