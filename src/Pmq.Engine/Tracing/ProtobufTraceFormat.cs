using System.Buffers;
using Pmq.Core.Identity;
using Pmq.Core.Protobuf;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Engine.Tracing;

/// <summary>
/// The schema of go-libp2p-pubsub (pb/trace.proto), each event behind its length as a varint. What that schema has no
/// kind for is not written.
/// </summary>
internal sealed class ProtobufTraceFormat(PeerId localPeer) : ITraceFormat
{
    // One buffer for each depth: event, its body, RPC meta, control, control entry.
    private readonly ArrayBufferWriter<byte>[] _levels = [new(), new(), new(), new(), new()];

    /// <inheritdoc />
    public void Write(in TraceEvent traced, DateTimeOffset time, IBufferWriter<byte> destination)
    {
        if (traced.Kind > TraceKind.Prune)
        {
            return;
        }

        // TraceEvent: type=1, peerID=2, timestamp=3 in nanoseconds, then the body in field 4 + type.
        ProtoWriter traceEvent = Open(0);
        traceEvent.WriteVarint(1, (ulong)traced.Kind);
        traceEvent.WriteBytes(2, localPeer.Bytes);
        traceEvent.WriteVarint(3, (ulong)((time - DateTimeOffset.UnixEpoch).Ticks * 100));
        WriteBody(traced, Open(1));
        Close(1, traceEvent, 4 + (int)traced.Kind);

        ReadOnlySpan<byte> written = _levels[0].WrittenSpan;
        Span<byte> prefix = destination.GetSpan(Core.Encoding.Varint.MaxLength);
        destination.Advance(Core.Encoding.Varint.Write(prefix, (ulong)written.Length));
        destination.Write(written);
    }

    /// <inheritdoc />
    public void Dispose()
    {
    }

    private void WriteBody(in TraceEvent traced, ProtoWriter body)
    {
        switch (traced.Kind)
        {
            // PublishMessage: messageID=1, topic=2.
            case TraceKind.Publish:
                WriteId(body, traced);
                WriteTopic(body, 2, traced);
                break;

            // RejectMessage: messageID=1, receivedFrom=2, reason=3, topic=4.
            case TraceKind.Reject:
                WriteId(body, traced);
                WritePeer(body, 2, traced);
                body.WriteString(3, TraceText.ReasonOf(traced));
                WriteTopic(body, 4, traced);
                break;

            // DuplicateMessage: messageID=1, receivedFrom=2, topic=3.
            case TraceKind.Duplicate:
                WriteId(body, traced);
                WritePeer(body, 2, traced);
                WriteTopic(body, 3, traced);
                break;

            // DeliverMessage: messageID=1, topic=2, receivedFrom=3.
            case TraceKind.Deliver:
                WriteId(body, traced);
                WriteTopic(body, 2, traced);
                WritePeer(body, 3, traced);
                break;

            // AddPeer: peerID=1, proto=2.
            case TraceKind.AddPeer:
                WritePeer(body, 1, traced);
                body.WriteString(2, PubsubProtocols.IdOf(traced.Protocol));
                break;

            // RecvRPC: receivedFrom=1, meta=2. SendRPC, DropRPC: sendTo=1, meta=2.
            case TraceKind.ReceiveRpc or TraceKind.SendRpc or TraceKind.DropRpc:
                WritePeer(body, 1, traced);
                WriteMeta(traced.ReadRpc(), Open(2));
                Close(2, body, 2);
                break;

            // Join: topic=1.
            case TraceKind.Join:
                WriteTopic(body, 1, traced);
                break;

            // Leave: topic=2.
            case TraceKind.Leave:
                WriteTopic(body, 2, traced);
                break;

            // RemovePeer: peerID=1. Graft, Prune: peerID=1, topic=2.
            default:
                WritePeer(body, 1, traced);
                WriteTopic(body, 2, traced);
                break;
        }
    }

    // RPCMeta: messages=1 {messageID=1, topic=2}, subscription=2 {subscribe=1, topic=2}, control=3.
    private void WriteMeta(RpcMeta rpc, ProtoWriter meta)
    {
        foreach ((string topic, ReadOnlyMemory<byte> id) in rpc.Messages)
        {
            ProtoWriter message = Open(3);
            message.WriteBytes(1, id.Span);
            message.WriteString(2, topic);
            Close(3, meta, 1);
        }

        foreach ((string topic, bool subscribe) in rpc.Subscriptions)
        {
            ProtoWriter subscription = Open(3);
            subscription.WriteVarint(1, subscribe ? 1UL : 0);
            subscription.WriteString(2, topic);
            Close(3, meta, 2);
        }

        if (rpc.HasControl)
        {
            WriteControl(rpc, Open(3));
            Close(3, meta, 3);
        }
    }

    // ControlMeta: ihave=1 {topic=1, messageIDs=2}, iwant=2 {messageIDs=1}, graft=3 {topic=1},
    // prune=4 {topic=1, peers=2}, idontwant=5 {messageIDs=1}.
    private void WriteControl(RpcMeta rpc, ProtoWriter control)
    {
        foreach ((string topic, IReadOnlyList<ReadOnlyMemory<byte>> ids) in rpc.IHave)
        {
            WriteEntry(control, 1, topic, 2, ids);
        }

        foreach (IReadOnlyList<ReadOnlyMemory<byte>> ids in rpc.IWant)
        {
            WriteEntry(control, 2, null, 1, ids);
        }

        foreach (string topic in rpc.Grafts)
        {
            WriteEntry(control, 3, topic, 2, []);
        }

        foreach ((string topic, IReadOnlyList<ReadOnlyMemory<byte>> peers) in rpc.Prunes)
        {
            WriteEntry(control, 4, topic, 2, peers);
        }

        foreach (IReadOnlyList<ReadOnlyMemory<byte>> ids in rpc.IDontWant)
        {
            WriteEntry(control, 5, null, 1, ids);
        }
    }

    private void WriteEntry(
        ProtoWriter control, int field, string? topic, int idField, IReadOnlyList<ReadOnlyMemory<byte>> ids)
    {
        ProtoWriter entry = Open(4);
        if (topic is not null)
        {
            entry.WriteString(1, topic);
        }

        foreach (ReadOnlyMemory<byte> id in ids)
        {
            entry.WriteBytes(idField, id.Span);
        }

        Close(4, control, field);
    }

    private static void WriteId(ProtoWriter body, in TraceEvent traced)
    {
        Span<byte> wire = stackalloc byte[Gossipsub.Messages.MessageId.MaxSize * 2];
        int length = traced.MessageId.WriteWire(wire);
        if (length > 0)
        {
            body.WriteBytes(1, wire[..length]);
        }
    }

    private void WritePeer(ProtoWriter body, int field, in TraceEvent traced) =>
        body.WriteBytes(field, (traced.Peer ?? localPeer).Bytes);

    private static void WriteTopic(ProtoWriter body, int field, in TraceEvent traced)
    {
        if (traced.Topic is { } topic)
        {
            body.WriteString(field, topic);
        }
    }

    private ProtoWriter Open(int level)
    {
        _levels[level].ResetWrittenCount();
        return new ProtoWriter(_levels[level]);
    }

    private void Close(int level, ProtoWriter parent, int field) =>
        parent.WriteBytes(field, _levels[level].WrittenSpan);
}
