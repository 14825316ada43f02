using System.Buffers.Binary;
using System.Text;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests.Messages;

public sealed class MessageTests
{
    private static readonly GossipsubOptions Signed = new()
    {
        DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default),
    };

    [Fact]
    public void Bytes_of_a_message_without_signature()
    {
        GossipMessage message = Compose(new GossipsubOptions(), "t", "hi");

        Assert.Equal("09120712026869220174", Convert.ToHexStringLower(message.Frame.Span));
        Assert.Equal("hi", RouterHarness.Text(message));
        Assert.True(message.From.IsEmpty);
    }

    [Fact]
    public void Bytes_of_a_signed_message_in_the_order_of_the_fields()
    {
        PrivateKey key = TestPeers.Key(1);
        byte[] from = PeerId.FromPublicKey(key.PublicKey).Bytes.ToArray();

        GossipMessage message = Compose(Signed, "t", "hi", 0x0102030405060708);

        // from=1 of 38 bytes, data=2, seqno=3 big endian, topic=4, signature=5 of 64 bytes; no key: the peer id holds
        // it.
        byte[] body =
            [0x0a, 38, .. from, 0x12, 2, (byte)'h', (byte)'i', 0x1a, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x22, 1, (byte)'t'];
        byte[] signature = key.Sign([.. "libp2p-pubsub:"u8, .. body]);
        int rpc = 2 + body.Length + 2 + signature.Length;
        byte[] expected = [(byte)rpc, 0x12, (byte)(rpc - 2), .. body, 0x2a, 64, .. signature];
        Assert.Equal(Convert.ToHexStringLower(expected), Convert.ToHexStringLower(message.Frame.Span));
        Assert.Equal(from, message.From.ToArray());
    }

    [Theory]
    [InlineData(KeyType.Ed25519)]
    [InlineData(KeyType.Secp256k1)]
    [InlineData(KeyType.Ecdsa)]
    public void A_signed_message_verifies_with_every_type_of_key(KeyType type)
    {
        MessageComposer composer = new(Signed, TestPeers.Key(1, type));
        Assert.Equal(ComposeFault.None, composer.TryCompose("t", "hi"u8, 1, out GossipMessage? message));

        Assert.Equal(SignatureVerdict.Valid, MessageVerifier.Verify(message!));
        Assert.Equal(type == KeyType.Ecdsa, !message!.PublicKey.IsEmpty);
    }

    [Fact]
    public void Each_changed_part_of_a_signed_message_makes_it_invalid()
    {
        GossipMessage message = Compose(Signed, "t", "hi");
        (int, byte[])[] good =
        [
            (1, message.From.ToArray()), (2, "hi"u8.ToArray()), (3, SequenceNumber(1)), (4, "t"u8.ToArray()),
            (5, message.Signature.ToArray()),
        ];
        Assert.Equal(SignatureVerdict.Valid, Verify(good));
        byte[] otherKey = TestPeers.Key(2).PublicKey.Protobuf.ToArray();

        Assert.Equal(SignatureVerdict.Invalid, Verify([(1, TestPeers.Id(5).Bytes.ToArray()), .. good[1..]]));
        Assert.Equal(SignatureVerdict.Invalid, Verify([(1, [1, 2, 3]), .. good[1..]]));
        Assert.Equal(SignatureVerdict.Invalid, Verify([good[0], (2, "ho"u8.ToArray()), .. good[2..]]));
        Assert.Equal(SignatureVerdict.Invalid, Verify([.. good[..2], (3, SequenceNumber(2)), .. good[3..]]));
        Assert.Equal(SignatureVerdict.Invalid, Verify([.. good[..3], (4, "u"u8.ToArray()), good[4]]));
        Assert.Equal(SignatureVerdict.Invalid, Verify([.. good[..4], (5, [1])]));
        Assert.Equal(SignatureVerdict.Invalid, Verify([.. good, (6, otherKey)]));
        Assert.Equal(SignatureVerdict.Invalid, Verify([.. good, (6, [9, 9])]));
    }

    [Fact]
    public void A_key_that_is_inlined_in_the_peer_id_may_be_sent_along()
    {
        GossipMessage message = Compose(Signed, "t", "hi");
        byte[] key = TestPeers.Key(1).PublicKey.Protobuf.ToArray();

        Assert.Equal(SignatureVerdict.Valid, Verify(
            (1, message.From.ToArray()), (2, "hi"u8.ToArray()), (3, SequenceNumber(1)), (4, "t"u8.ToArray()),
            (5, message.Signature.ToArray()), (6, key)));
    }

    [Theory]
    [InlineData(SignaturePolicy.StrictNoSign)]
    [InlineData(SignaturePolicy.StrictSign)]
    public void The_largest_data_fits_exactly_and_one_byte_more_does_not(SignaturePolicy policy)
    {
        for (int size = 1024; size < 1024 + 300; size += 7)
        {
            GossipsubOptions options = new() { MaxMessageSize = size, DefaultRules = new TopicRules(policy, default) };
            MessageComposer composer = new(options, TestPeers.Key(1));
            int max = composer.MaxDataLength("topic");

            Assert.Equal(ComposeFault.None, composer.TryCompose("topic", new byte[max], 1, out GossipMessage? message));
            Assert.InRange(message!.Frame.Length, size - 2, size + 2);
            Assert.Equal(ComposeFault.TooLarge, composer.TryCompose("topic", new byte[max + 1], 1, out _));
        }
    }

    [Fact]
    public void Faults_are_named()
    {
        GossipsubOptions options = new() { MaxMessageSize = 1024, SubscriptionFilter = topic => topic != "no" };
        MessageComposer composer = new(options, TestPeers.Key(1));

        Assert.Equal(ComposeFault.EmptyData, composer.TryCompose("t", [], 1, out GossipMessage? none));
        Assert.Null(none);
        Assert.Equal(ComposeFault.BadTopic, composer.TryCompose("", [1], 1, out _));
        Assert.Equal(ComposeFault.BadTopic, composer.TryCompose("no", [1], 1, out _));
        Assert.Equal(ComposeFault.BadTopic, composer.TryCompose(new string('x', 513), [1], 1, out _));
        Assert.Equal(ComposeFault.TooLarge, composer.TryCompose("t", new byte[1024], 1, out _));
    }

    [Fact]
    public void The_id_of_a_message_is_the_same_with_and_without_signature()
    {
        Assert.Equal(Compose(Signed, "t", "hi").Id, Compose(new GossipsubOptions(), "t", "hi").Id);
        Assert.Equal("8f434346648f6b96df89dda901c5176b10a6d839", Compose(Signed, "t", "hi").Id.ToString());
    }

    [Theory]
    [InlineData(MessageIdAlgorithm.Sha256, 0, 20)]
    [InlineData(MessageIdAlgorithm.Sha256, -1, 20)]
    [InlineData(MessageIdAlgorithm.Sha256, 1, 1)]
    [InlineData(MessageIdAlgorithm.Sha256, 32, 32)]
    [InlineData(MessageIdAlgorithm.Sha256, 33, 32)]
    [InlineData(MessageIdAlgorithm.Md5, 0, 16)]
    [InlineData(MessageIdAlgorithm.Md5, 8, 8)]
    [InlineData(MessageIdAlgorithm.Md5, 20, 16)]
    public void The_size_of_an_id(MessageIdAlgorithm algorithm, int size, int expected)
    {
        MessageIdOptions options = new(algorithm, size);

        Assert.Equal(expected, options.EffectiveSize);
        Assert.Equal(expected, options.Compute([1, 2, 3]).Size);
    }

    [Fact]
    public void An_id_reads_back_from_wire_and_text()
    {
        for (int size = 1; size <= MessageId.MaxSize; size++)
        {
            MessageId id = new MessageIdOptions(MessageIdAlgorithm.Sha256, size).Compute([7]);
            byte[] wire = new byte[id.WireLength];
            Assert.Equal(size * 2, id.WriteWire(wire));
            Assert.Equal(id.ToString(), Encoding.ASCII.GetString(wire));
            Assert.True(MessageId.TryParseWire(wire, size, out MessageId parsed));
            Assert.Equal(id, parsed);
            Assert.True(MessageId.TryParse(id.ToString(), out parsed));
            Assert.Equal(id, parsed);
            Assert.False(MessageId.TryParseWire(wire, size + 1, out _));
        }

        Assert.False(MessageId.TryParse("", out _));
        Assert.False(MessageId.TryParse("abc", out _));
        Assert.False(MessageId.TryParse("AB", out _));
        Assert.False(MessageId.TryParse(new string('a', 66), out _));
        Assert.False(MessageId.TryParseWire([], 0, out _));
    }

    [Fact]
    public void Ids_differ_when_one_is_a_part_of_the_other()
    {
        MessageId whole = new(new byte[20]);

        Assert.NotEqual(whole, new MessageId(new byte[19]));
        Assert.True(whole == new MessageId(new byte[20]));
    }

    private static GossipMessage Compose(GossipsubOptions options, string topic, string data, ulong sequenceNumber = 1)
    {
        MessageComposer composer = new(options, TestPeers.Key(1));
        Assert.Equal(
            ComposeFault.None,
            composer.TryCompose(topic, Encoding.UTF8.GetBytes(data), sequenceNumber, out GossipMessage? message));
        return message!;
    }

    private static byte[] SequenceNumber(ulong number)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes;
    }

    /// <summary>What the verifier says of a message with these fields, as a router would receive it.</summary>
    private static SignatureVerdict Verify(params (int Field, byte[] Value)[] fields)
    {
        byte[] body = RpcBuilder.Fields(fields);
        string topic = Encoding.UTF8.GetString(fields.First(f => f.Field == 4).Value);
        RouterHarness router = new(Signed);
        router.Join(topic);
        GossipPeer peer = router.AddPeer(topic);
        router.Receive(peer, new RpcBuilder().Raw(2, body));
        return MessageVerifier.Verify(router.Verifying.Single());
    }
}
