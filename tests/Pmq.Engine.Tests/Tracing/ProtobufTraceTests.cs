using System.Buffers;
using System.Text;
using Pmq.Core.Identity;
using Pmq.Engine.Tracing;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Tracing;
using Pmq.Testing;

namespace Pmq.Engine.Tests.Tracing;

/// <summary>The bytes that readers of go-libp2p-pubsub's delimited trace expect, written out by hand.</summary>
public sealed class ProtobufTraceTests
{
    private static readonly PeerId Self = Key(1);
    private static readonly PeerId Other = Key(2);
    private static readonly MessageId Id = new([0xab, 0xcd]);
    private static readonly DateTimeOffset Time = DateTimeOffset.UnixEpoch.AddTicks(1);

    // type=1, peerID=2, timestamp=3: 100 ns.
    private static string Head(int type) => $"08{type:x2}1226{Hex(Self)}1864";

    private static string OtherHex => Hex(Other);

    [Fact]
    public void Every_event_of_the_schema_has_the_bytes_that_Go_writes()
    {
        string id = "0a0461626364"; // messageID=1 "abcd"
        Check(TraceEvent.Reject(Other, "t", Id, MessageDrop.Rejected), Head(1), 5,
            id + "1226" + OtherHex + "1a11" + Hex("validation failed") + "220174");
        Check(TraceEvent.Duplicate(Other, "t", Id, MessageDrop.DuplicateSeen), Head(2), 6,
            id + "1226" + OtherHex + "1a0174");
        Check(TraceEvent.AddPeer(Other, PubsubProtocol.Meshsub12), Head(4), 8,
            "0a26" + OtherHex + "120e" + Hex("/meshsub/1.2.0"));
        Check(TraceEvent.RemovePeer(Other), Head(5), 9, "0a26" + OtherHex);
        Check(TraceEvent.Join("t"), Head(9), 13, "0a0174");
        Check(TraceEvent.Leave("t"), Head(10), 14, "120174");
        Check(TraceEvent.Graft(Other, "t"), Head(11), 15, "0a26" + OtherHex + "120174");
        Check(TraceEvent.Prune(Other, "t"), Head(12), 16, "0a26" + OtherHex + "120174");
    }

    [Fact]
    public void A_publication_and_its_delivery_name_id_topic_and_whom_they_came_from()
    {
        GossipMessage message = Compose("t", "x"u8);
        string id = "0a28" + Hex(message.Id.ToString());

        Check(TraceEvent.Publish(message), Head(0), 4, id + "120174");
        Check(TraceEvent.Deliver(message), Head(3), 7, id + "1201741a26" + Hex(Self));
    }

    [Fact]
    public void An_rpc_of_every_kind_of_content_is_written_without_its_payloads()
    {
        // RPC: a subscription, a message, and one entry of each control.
        byte[] frame = Convert.FromHexString(
            "0a05" + "0801120174" // subscribe "t"
            + "1206" + "120178220174" // data "x", topic "t"
            + "1a" + "28"
            + "0a07" + "0a0174" + "12026161" // ihave "t" aa
            + "1204" + "0a026262" // iwant bb
            + "1a03" + "0a0174" // graft "t"
            + "220c" + "0a0174" + "1205" + "0a03010203" + "1805" // prune "t" of peer 010203, backoff 5
            + "2a04" + "0a026363" // idontwant cc
            );
        var view = new RpcView();
        Assert.Equal(RpcViolation.None, new RpcScanner(new GossipsubOptions()).Scan(frame, view));
        string messageId = Hex(Compose("t", "x"u8).Id.ToString());

        string control = "0a07" + "0a0174" + "12026161"
            + "1204" + "0a026262"
            + "1a03" + "0a0174"
            + "2208" + "0a0174" + "1203010203"
            + "2a04" + "0a026363";
        string meta = "0a2d" + "0a28" + messageId + "120174"
            + "1205" + "0801120174"
            + "1a" + Length(control) + control;
        string body = "0a26" + OtherHex + "12" + Length(meta) + meta;

        Check(TraceEvent.ReceiveRpc(Other, view), Head(6), 10, body);
    }

    [Fact]
    public void A_sent_message_and_sent_control_are_told_apart_from_dropped_ones()
    {
        GossipMessage message = Compose("t", "x"u8);
        string meta = "0a2d" + "0a28" + Hex(message.Id.ToString()) + "120174";
        Check(TraceEvent.SendRpc(Other, message), Head(7), 11, "0a26" + OtherHex + "122f" + meta);
        Check(TraceEvent.DropRpc(Other, message), Head(8), 12, "0a26" + OtherHex + "122f" + meta);

        // Two RPCs, each behind its length: a subscription, then a graft.
        byte[] frames = Convert.FromHexString("07" + "0a050801120174" + "07" + "1a051a030a0174");
        string control = "1205" + "0801120174" + "1a05" + "1a03" + "0a0174";
        Check(TraceEvent.SendRpc(Other, frames), Head(7), 11, "0a26" + OtherHex + "120e" + control);
    }

    [Fact]
    public void What_the_schema_has_no_kind_for_is_left_out()
    {
        var written = new ArrayBufferWriter<byte>();
        using var format = new ProtobufTraceFormat(Self);

        format.Write(TraceEvent.Penalty(Other, Misbehaviour.BrokenPromise, 1), Time, written);

        Assert.Equal(0, written.WrittenCount);
    }

    private static void Check(in TraceEvent traced, string head, int bodyField, string body)
    {
        var written = new ArrayBufferWriter<byte>();
        using var format = new ProtobufTraceFormat(Self);
        format.Write(traced, Time, written);

        string tag = ((bodyField << 3) | 2) is var value && value < 128
            ? value.ToString("x2")
            : $"{(value & 127) | 128:x2}{value >> 7:x2}";
        string expected = head + tag + Length(body) + body;
        Assert.Equal(Length(expected) + expected, Convert.ToHexStringLower(written.WrittenSpan));
    }

    /// <summary>The length of hexadecimal text in bytes, as a varint.</summary>
    private static string Length(string hex)
    {
        int length = hex.Length / 2;
        return length < 128 ? length.ToString("x2") : $"{(length & 127) | 128:x2}{length >> 7:x2}";
    }

    private static GossipMessage Compose(string topic, ReadOnlySpan<byte> data)
    {
        using PrivateKey key = KeyOf(1);
        Assert.Equal(
            ComposeFault.None,
            new MessageComposer(new GossipsubOptions(), key).TryCompose(topic, data, 1, out GossipMessage? message));
        return message!;
    }

    private static PrivateKey KeyOf(byte seed) =>
        PrivateKey.Generate(KeyType.Ed25519, new SeededEntropy(seed));

    private static PeerId Key(byte seed)
    {
        using PrivateKey key = KeyOf(seed);
        return PeerId.FromPublicKey(key.PublicKey);
    }

    private static string Hex(PeerId peer) => Convert.ToHexStringLower(peer.Bytes);

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
}
