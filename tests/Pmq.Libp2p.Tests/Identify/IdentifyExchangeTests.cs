using System.Buffers;
using Pmq.Core.Addresses;
using Pmq.Core.Encoding;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Protobuf;
using Pmq.Libp2p.Identify;
using Pmq.Testing;

namespace Pmq.Libp2p.Tests.Identify;

public sealed class IdentifyExchangeTests
{
    private static readonly PrivateKey Key = TestPeers.Key(1);
    private static readonly Multiaddr Listen = Multiaddr.Parse("/ip4/203.0.113.7/tcp/4001");
    private static readonly Multiaddr Seen = Multiaddr.Parse("/ip4/198.51.100.1/tcp/55555");

    [Fact]
    public void What_we_send_is_what_is_read()
    {
        byte[] encoded = Content(["/b", "/a"], [Listen]).Encode(IdentifyLimits.Default);
        IdentifyExchange exchange = Read(encoded);
        PeerDescription told = exchange.Describe(null, null);
        Assert.Equal(IdentifyViolation.None, exchange.Violation);
        Assert.Equal(("ipfs/0.1.0", "p2pmq/test"), (told.ProtocolVersion, told.AgentVersion));
        Assert.Equal(["/a", "/b"], told.Protocols);
        Assert.Equal([Listen], told.ListenAddresses);
        Assert.Equal(Seen, told.ObservedAddress);
    }

    [Fact]
    public void A_message_has_its_fields_under_the_numbers_of_the_specification()
    {
        byte[] encoded = Content(["/a"], [Listen]).Encode(IdentifyLimits.Default);
        var reader = new ProtoReader(encoded.AsSpan(1));
        var fields = new List<int>();
        while (reader.Next())
        {
            fields.Add(reader.FieldNumber);
            reader.Skip();
        }

        Assert.Equal([1, 5, 6, 4, 3, 2], fields);
        Assert.Equal(encoded.Length - 1, encoded[0]);
    }

    [Fact]
    public void Many_protocols_go_out_in_messages_of_at_most_four_kilobytes_and_come_back_whole()
    {
        string[] protocols = [.. Enumerable.Range(0, 500).Select(static i => $"/a/protocol/of/ours/{i:D4}")];
        byte[] encoded = Content(protocols, [Listen]).Encode(IdentifyLimits.Default);
        int messages = 0;
        for (int at = 0; at < encoded.Length; messages++)
        {
            Varint.Read(encoded.AsSpan(at), out ulong length, out int prefix);
            Assert.InRange((int)length, 1, 4096);
            at += prefix + (int)length;
        }

        Assert.Equal(4, messages);
        PeerDescription told = Read(encoded).Describe(null, null);
        Assert.Equal(protocols, told.Protocols);
        Assert.Equal([Listen], told.ListenAddresses);
    }

    [Fact]
    public void A_push_with_only_protocols_leaves_the_rest_as_it_was()
    {
        PeerDescription before = Read(Content(["/a"], [Listen]).Encode(IdentifyLimits.Default)).Describe(null, null);
        PeerDescription after = Read(Message(message => new ProtoWriter(message).WriteString(3, "/new"))).Describe(before, null);
        Assert.Equal(["/new"], after.Protocols);
        Assert.Equal(before with { Protocols = after.Protocols }, after);
    }

    [Fact]
    public void A_key_that_is_not_the_authenticated_one_is_a_violation()
    {
        byte[] encoded = Message(message => new ProtoWriter(message).WriteBytes(1, TestPeers.Key(2).PublicKey.Protobuf));
        Assert.Equal(IdentifyViolation.WrongKey, Read(encoded).Violation);
    }

    [Fact]
    public void Addresses_of_unknown_form_are_left_out_one_by_one()
    {
        IdentifyExchange exchange = Read(Message(message =>
        {
            var writer = new ProtoWriter(message);
            writer.WriteBytes(2, [0xFF, 0xFF, 0x03, 1, 2]);
            writer.WriteBytes(2, Listen.Bytes);
            writer.WriteBytes(2, []);
        }));
        Assert.Equal(IdentifyViolation.None, exchange.Violation);
        Assert.Equal(2, exchange.AddressesRefused);
        Assert.Equal([Listen], exchange.Describe(null, null).ListenAddresses);
    }

    [Fact]
    public void The_64_first_addresses_are_taken_and_the_rest_is_counted()
    {
        IdentifyExchange exchange = Read(Message(message =>
        {
            for (int i = 1; i <= 100; i++)
            {
                new ProtoWriter(message).WriteBytes(2, Multiaddr.Parse($"/ip4/203.0.113.7/tcp/{i}").Bytes);
            }
        }));
        Assert.Equal(64, exchange.Describe(null, null).ListenAddresses.Count);
        Assert.Equal(36, exchange.AddressesRefused);
    }

    // go-libp2p 3501: protocols of a peer without end.
    [Fact]
    public void Protocols_beyond_1024_are_a_violation()
    {
        Assert.Equal(IdentifyViolation.None, Read(Protocols(1024)).Violation);
        Assert.Equal(IdentifyViolation.TooManyProtocols, Read(Protocols(1025)).Violation);
    }

    [Fact]
    public void Ten_messages_are_merged_and_the_eleventh_is_a_violation()
    {
        byte[][] ten = [.. Enumerable.Range(0, 10).Select(i => Message(message => new ProtoWriter(message).WriteString(3, $"/{i}")))];
        Assert.Equal(10, Read([.. ten.SelectMany(static one => one)]).Describe(null, null).Protocols.Count);
        Assert.Equal(IdentifyViolation.TooManyMessages, Read([.. ten.SelectMany(static one => one), .. ten[0]]).Violation);
    }

    [Theory]
    [InlineData("", nameof(IdentifyViolation.Truncated))]
    [InlineData("05", nameof(IdentifyViolation.Truncated))]
    [InlineData("8000", nameof(IdentifyViolation.MalformedLength))]
    [InlineData("8140", nameof(IdentifyViolation.MessageTooLong))]
    [InlineData("021805", nameof(IdentifyViolation.Malformed))]
    [InlineData("021a05", nameof(IdentifyViolation.Malformed))]
    [InlineData("00", nameof(IdentifyViolation.None))]
    public void Broken_bytes_have_a_name(string hex, string expected) =>
        Assert.Equal(expected, Read(Convert.FromHexString(hex)).Violation.ToString());

    [Fact]
    public void A_message_of_8_KiB_passes_and_one_byte_more_does_not()
    {
        // The tag and the length of the string take three bytes.
        byte[] fits = Message(message => new ProtoWriter(message).WriteString(7, new string('x', 8192 - 3)));
        Assert.Equal(IdentifyViolation.None, Read(fits).Violation);
        byte[] tooLong = Message(message => new ProtoWriter(message).WriteString(7, new string('x', 8193 - 3)));
        Assert.Equal(IdentifyViolation.MessageTooLong, Read(tooLong).Violation);
    }

    [Fact]
    public void Versions_that_would_steer_a_terminal_or_a_log_are_made_harmless()
    {
        PeerDescription told = Read(Message(message =>
        {
            var writer = new ProtoWriter(message);
            writer.WriteString(6, "go\u001b[2J\r\nfake line\u202e");
            writer.WriteString(5, "ipfs/0.1.0 é");
        })).Describe(null, null);
        Assert.Equal("go\ufffd[2J\ufffd\ufffdfake line\ufffd", told.AgentVersion);
        Assert.Equal("ipfs/0.1.0 é", told.ProtocolVersion);
    }

    // CVE-2023-40583: records of other peers were kept; RUSTSEC-2022-0009.
    [Fact]
    public void Only_the_peers_own_record_that_is_not_older_is_opened()
    {
        var record = new PeerRecord(TestPeers.Id(1), 5, [Listen]);
        byte[] own = Message(message => new ProtoWriter(message).WriteBytes(8, record.Seal(Key).Encoded.Span));
        Assert.Equal([Listen], Read(own).OpenRecord(TestPeers.Id(1), null)?.Addresses);
        Assert.NotNull(Read(own).OpenRecord(TestPeers.Id(1), record));
        Assert.Null(Read(own).OpenRecord(TestPeers.Id(1), record with { Sequence = 6 }));
        Assert.Null(Read(own).OpenRecord(TestPeers.Id(2), null));

        var foreign = new PeerRecord(TestPeers.Id(2), 9, [Listen]);
        byte[] stolen = Message(message =>
            new ProtoWriter(message).WriteBytes(8, foreign.Seal(TestPeers.Key(2)).Encoded.Span));
        Assert.Null(Read(stolen).OpenRecord(TestPeers.Id(1), null));
    }

    [Fact]
    public void Any_bytes_give_a_description_or_a_violation()
    {
        byte[] plain = Content(["/meshsub/1.1.0", "/ipfs/ping/1.0.0"], [Listen, Seen]).Encode(IdentifyLimits.Default);
        ParserFuzz.Run(
            static input =>
            {
                var exchange = new IdentifyExchange(Key.PublicKey, IdentifyLimits.Default);
                int consumed = exchange.Handle(input);
                exchange.HandleEnd(input.Length - consumed);
                _ = exchange.Describe(null, null);
            },
            [plain, [.. plain, .. plain]]);
    }

    private static IdentifyContent Content(string[] protocols, Multiaddr[] addresses) => new(
        Key.PublicKey.Protobuf.ToArray(),
        "ipfs/0.1.0",
        "p2pmq/test",
        protocols,
        addresses,
        Seen,
        ReadOnlyMemory<byte>.Empty);

    private static byte[] Protocols(int count) => [.. Enumerable.Range(0, count).Chunk(400).SelectMany(chunk =>
        Message(message =>
        {
            foreach (int i in chunk)
            {
                new ProtoWriter(message).WriteString(3, $"/protocol/{i}");
            }
        }))];

    private static byte[] Message(Action<IBufferWriter<byte>> write)
    {
        var message = new ArrayBufferWriter<byte>();
        write(message);
        byte[] prefix = new byte[Varint.LengthOf((ulong)message.WrittenCount)];
        Varint.Write(prefix, (ulong)message.WrittenCount);
        return [.. prefix, .. message.WrittenSpan];
    }

    private static IdentifyExchange Read(byte[] bytes)
    {
        var exchange = new IdentifyExchange(Key.PublicKey, IdentifyLimits.Default);
        int consumed = exchange.Handle(bytes);
        exchange.HandleEnd(bytes.Length - consumed);
        return exchange;
    }
}
