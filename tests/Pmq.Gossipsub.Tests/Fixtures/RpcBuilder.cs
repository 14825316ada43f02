using System.Buffers;
using System.Text;
using Pmq.Core.Identity;
using Pmq.Core.Protobuf;
using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.Tests.Fixtures;

/// <summary>Writes RPCs field by field, as any peer might: also such as our encoder never makes.</summary>
internal sealed class RpcBuilder
{
    private readonly ArrayBufferWriter<byte> _rpc = new();
    private readonly ArrayBufferWriter<byte> _control = new();

    public static byte[] Message(string topic, ReadOnlySpan<byte> data) =>
        Fields((2, data.ToArray()), (4, Encoding.UTF8.GetBytes(topic)));

    public static byte[] Fields(params (int Field, byte[] Value)[] fields)
    {
        ArrayBufferWriter<byte> body = new();
        ProtoWriter writer = new(body);
        foreach ((int field, byte[] value) in fields)
        {
            writer.WriteBytes(field, value);
        }

        return body.WrittenSpan.ToArray();
    }

    public RpcBuilder Subscribe(string topic, bool subscribe = true)
    {
        ArrayBufferWriter<byte> body = new();
        ProtoWriter writer = new(body);
        writer.WriteVarint(1, subscribe ? 1UL : 0UL);
        writer.WriteString(2, topic);
        return Raw(1, body.WrittenSpan);
    }

    public RpcBuilder Publish(string topic, string data) => Raw(2, Message(topic, Encoding.UTF8.GetBytes(data)));

    public RpcBuilder Publish(string topic, byte[] data) => Raw(2, Message(topic, data));

    /// <summary>A whole RPC as it is.</summary>
    public RpcBuilder Whole(ReadOnlySpan<byte> rpc)
    {
        _rpc.Write(rpc);
        return this;
    }

    /// <summary>A whole RPC with one message, as <see cref="GossipMessage.Frame"/> has it.</summary>
    public RpcBuilder Publish(GossipMessage message)
    {
        Core.Encoding.Varint.Read(message.Frame.Span, out _, out int prefix);
        _rpc.Write(message.Frame.Span[prefix..]);
        return this;
    }

    public RpcBuilder IHave(string topic, params string[] ids) => Control(1, Ids(2, topic, ids));

    public RpcBuilder IWant(params string[] ids) => Control(2, Ids(1, null, ids));

    public RpcBuilder IDontWant(params string[] ids) => Control(5, Ids(1, null, ids));

    public RpcBuilder Graft(string topic) => Control(3, Ids(2, topic, []));

    public RpcBuilder Prune(string topic, ulong? backoffSeconds = null)
    {
        ArrayBufferWriter<byte> body = new();
        ProtoWriter writer = new(body);
        writer.WriteString(1, topic);
        if (backoffSeconds is { } seconds)
        {
            writer.WriteVarint(3, seconds);
        }

        return Control(4, body.WrittenSpan);
    }

    /// <summary>A PRUNE that tells peers, each with its signed record or an empty one.</summary>
    public RpcBuilder PruneWithPeers(string topic, params (PeerId Peer, byte[] Record)[] peers)
    {
        ArrayBufferWriter<byte> body = new();
        ProtoWriter writer = new(body);
        writer.WriteString(1, topic);
        foreach ((PeerId peer, byte[] record) in peers)
        {
            writer.WriteBytes(2, record.Length == 0
                ? Fields((1, peer.Bytes.ToArray()))
                : Fields((1, peer.Bytes.ToArray()), (2, record)));
        }

        writer.WriteVarint(3, 60);
        return Control(4, body.WrittenSpan);
    }

    public RpcBuilder Raw(int field, ReadOnlySpan<byte> value)
    {
        new ProtoWriter(_rpc).WriteBytes(field, value);
        return this;
    }

    public RpcBuilder Control(int field, ReadOnlySpan<byte> value)
    {
        new ProtoWriter(_control).WriteBytes(field, value);
        return this;
    }

    public byte[] Build()
    {
        if (_control.WrittenCount > 0)
        {
            Raw(3, _control.WrittenSpan);
            _control.Clear();
        }

        return _rpc.WrittenSpan.ToArray();
    }

    private static byte[] Ids(int field, string? topic, string[] ids)
    {
        ArrayBufferWriter<byte> body = new();
        ProtoWriter writer = new(body);
        if (topic is not null)
        {
            writer.WriteString(1, topic);
        }

        foreach (string id in ids)
        {
            writer.WriteString(field, id);
        }

        return body.WrittenSpan.ToArray();
    }
}
