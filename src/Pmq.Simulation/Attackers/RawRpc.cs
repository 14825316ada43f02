using System.Buffers;
using System.Text;
using Pmq.Core.Protobuf;
using Pmq.Gossipsub.Messages;
using Pmq.Simulation.Links;

namespace Pmq.Simulation.Attackers;

/// <summary>
/// An RPC that is put together by hand, so that it may hold what no router would send. Reused: <see cref="ToFrame"/>
/// begins a new one.
/// </summary>
internal sealed class RawRpc
{
    private readonly ArrayBufferWriter<byte> _rpc = new();
    private readonly ArrayBufferWriter<byte> _control = new();
    private readonly ArrayBufferWriter<byte> _entry = new();

    /// <summary>Announces a topic, or takes the announcement back.</summary>
    public RawRpc Subscribe(string topic, bool subscribe = true)
    {
        // RPC: subscriptions=1 {subscribe=1 bool, topicid=2}.
        var entry = new ProtoWriter(_entry);
        entry.WriteVarint(1, subscribe ? 1u : 0u);
        entry.WriteString(2, topic);
        new ProtoWriter(_rpc).WriteBytes(1, _entry.WrittenSpan);
        _entry.ResetWrittenCount();
        return this;
    }

    /// <summary>A message without author.</summary>
    public RawRpc Publish(string topic, ReadOnlySpan<byte> data)
    {
        // RPC: publish=2 {data=2, topic=4}.
        var entry = new ProtoWriter(_entry);
        entry.WriteBytes(2, data);
        entry.WriteString(4, topic);
        new ProtoWriter(_rpc).WriteBytes(2, _entry.WrittenSpan);
        _entry.ResetWrittenCount();
        return this;
    }

    /// <summary>GRAFT.</summary>
    public RawRpc Graft(string topic)
    {
        // ControlMessage: graft=3 {topicID=1}.
        new ProtoWriter(_entry).WriteString(1, topic);
        return Control(3);
    }

    /// <summary>PRUNE.</summary>
    public RawRpc Prune(string topic, ulong backoffSeconds)
    {
        // ControlMessage: prune=4 {topicID=1, backoff=3 seconds}.
        var entry = new ProtoWriter(_entry);
        entry.WriteString(1, topic);
        entry.WriteVarint(3, backoffSeconds);
        return Control(4);
    }

    /// <summary>IHAVE.</summary>
    public RawRpc IHave(string topic, ReadOnlySpan<MessageId> ids)
    {
        // ControlMessage: ihave=1 {topicID=1, messageIDs=2}.
        new ProtoWriter(_entry).WriteString(1, topic);
        return Ids(1, 2, ids);
    }

    /// <summary>IWANT.</summary>
    public RawRpc IWant(ReadOnlySpan<MessageId> ids) => Ids(2, 1, ids); // ControlMessage: iwant=2 {messageIDs=1}.

    /// <summary>IDONTWANT.</summary>
    public RawRpc IDontWant(ReadOnlySpan<MessageId> ids) => Ids(5, 1, ids); // idontwant=5 {messageIDs=1}.

    /// <summary>The RPC as a frame.</summary>
    /// <param name="isShared">Whether it goes to several receivers.</param>
    public Frame ToFrame(bool isShared = false)
    {
        if (_control.WrittenCount > 0)
        {
            new ProtoWriter(_rpc).WriteBytes(3, _control.WrittenSpan); // RPC: control=3.
        }

        Frame frame = new(_rpc.WrittenSpan.ToArray(), isShared);
        _rpc.ResetWrittenCount();
        _control.ResetWrittenCount();
        return frame;
    }

    private RawRpc Ids(int kind, int field, ReadOnlySpan<MessageId> ids)
    {
        Span<byte> wire = stackalloc byte[MessageId.MaxSize * 2];
        var entry = new ProtoWriter(_entry);
        foreach (ref readonly MessageId id in ids)
        {
            entry.WriteBytes(field, wire[..id.WriteWire(wire)]);
        }

        return Control(kind);
    }

    private RawRpc Control(int kind)
    {
        new ProtoWriter(_control).WriteBytes(kind, _entry.WrittenSpan);
        _entry.ResetWrittenCount();
        return this;
    }
}
