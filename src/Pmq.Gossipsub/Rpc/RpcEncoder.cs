using System.Runtime.InteropServices;
using Pmq.Core.Encoding;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Rpc;

/// <summary>
/// Encodes what has come up for a peer as one RPC, or as several when it exceeds the limit. Each RPC has one control
/// field at most: some decoders let a second one replace the first.
/// </summary>
internal sealed class RpcEncoder(int maxSize)
{
    private byte[] _subscriptions = new byte[256];
    private byte[] _control = new byte[256];
    private byte[] _output = new byte[512];
    private int _subscriptionsLength;
    private int _controlLength;
    private int _outputLength;

    /// <summary>The RPCs, each behind its length as a varint, in one new array.</summary>
    public byte[] Encode(Outbox outbox)
    {
        _outputLength = 0;
        foreach ((byte[] topic, bool subscribe) in outbox.Subscriptions)
        {
            AddSubscription(topic, subscribe);
        }

        foreach ((byte[] topic, ReadOnlyMemory<MessageId> ids) in outbox.IHaves)
        {
            AddIds(ControlKind.IHave, topic, ids.Span);
        }

        AddIds(ControlKind.IWant, [], CollectionsMarshal.AsSpan(outbox.IWantIds));
        foreach (byte[] topic in outbox.Grafts)
        {
            AddTopic(ControlKind.Graft, new PruneEntry(topic, 0));
        }

        foreach (PruneEntry prune in outbox.Prunes)
        {
            AddTopic(ControlKind.Prune, prune);
        }

        Cut();
        return _output.AsSpan(0, _outputLength).ToArray();
    }

    private void AddSubscription(byte[] topic, bool subscribe)
    {
        int body = 2 + SizeOfField(topic.Length);
        int size = SizeOfField(body);
        if (!Fits(size, 0))
        {
            Cut();
        }

        // RPC: subscriptions=1 {subscribe=1 bool, topicid=2}.
        Span<byte> target = Reserve(ref _subscriptions, ref _subscriptionsLength, size);
        int position = WriteHeader(target, 1, body);
        target[position++] = 1 << 3;
        target[position++] = subscribe ? (byte)1 : (byte)0;
        WriteField(target, ref position, 2, topic);
    }

    private void AddTopic(ControlKind kind, in PruneEntry entry)
    {
        ReadOnlySpan<GossipPeer> peers = entry.Peers;
        int body = SizeOfField(entry.Topic.Length)
            + (entry.BackoffSeconds > 0 ? 1 + Varint.LengthOf((ulong)entry.BackoffSeconds) : 0);
        int size = SizeOfField(body + SizeOf(peers));
        while (!Fits(0, size))
        {
            if (_subscriptionsLength + _controlLength > 0)
            {
                Cut();
                continue;
            }

            peers = peers[..^1]; // Records are long: fewer peers, but the PRUNE goes out.
            size = SizeOfField(body + SizeOf(peers));
        }

        // ControlMessage: graft=3 {topicID=1}, prune=4 {topicID=1, peers=2 repeated {peerID=1, signedPeerRecord=2},
        // backoff=3 seconds}.
        Span<byte> target = Reserve(ref _control, ref _controlLength, size);
        int position = WriteHeader(target, (int)kind, body + SizeOf(peers));
        WriteField(target, ref position, 1, entry.Topic);
        foreach (GossipPeer peer in peers)
        {
            position += WriteHeader(target[position..], 2, SizeOf(peer));
            WriteField(target, ref position, 1, peer.Id.Bytes);
            if (!peer.SignedRecord.IsEmpty)
            {
                WriteField(target, ref position, 2, peer.SignedRecord.Span);
            }
        }

        if (entry.BackoffSeconds > 0)
        {
            target[position++] = 3 << 3;
            Varint.Write(target[position..], (ulong)entry.BackoffSeconds);
        }
    }

    private static int SizeOf(ReadOnlySpan<GossipPeer> peers)
    {
        int size = 0;
        foreach (GossipPeer peer in peers)
        {
            size += SizeOfField(SizeOf(peer));
        }

        return size;
    }

    private static int SizeOf(GossipPeer peer) =>
        SizeOfField(peer.Id.Bytes.Length) + (peer.SignedRecord.IsEmpty ? 0 : SizeOfField(peer.SignedRecord.Length));

    private void AddIds(ControlKind kind, ReadOnlySpan<byte> topic, ReadOnlySpan<MessageId> ids)
    {
        int topicSize = topic.IsEmpty ? 0 : SizeOfField(topic.Length);
        while (!ids.IsEmpty)
        {
            int body = topicSize;
            int count = 0;
            while (count < ids.Length
                && body + SizeOfField(ids[count].WireLength) is int larger && Fits(0, SizeOfField(larger)))
            {
                body = larger;
                count++;
            }

            if (count == 0)
            {
                Invariant.Check(_subscriptionsLength + _controlLength > 0);
                Cut();
                continue;
            }

            // ControlMessage: ihave=1 {topicID=1, messageIDs=2}, iwant=2 {messageIDs=1}.
            Span<byte> target = Reserve(ref _control, ref _controlLength, SizeOfField(body));
            int position = WriteHeader(target, (int)kind, body);
            if (!topic.IsEmpty)
            {
                WriteField(target, ref position, 1, topic);
            }

            foreach (ref readonly MessageId id in ids[..count])
            {
                position += WriteHeader(target[position..], ControlReader.IdFieldOf(kind), id.WireLength);
                position += id.WriteWire(target[position..]);
            }

            ids = ids[count..];
        }
    }

    private bool Fits(int subscriptions, int control)
    {
        control += _controlLength;
        return _subscriptionsLength + subscriptions + (control > 0 ? SizeOfField(control) : 0) <= maxSize;
    }

    private void Cut()
    {
        int control = _controlLength > 0 ? SizeOfField(_controlLength) : 0;
        int rpc = _subscriptionsLength + control;
        if (rpc == 0)
        {
            return;
        }

        // Varint length, then RPC: subscriptions=1 repeated, control=3.
        Span<byte> target = Reserve(ref _output, ref _outputLength, Varint.LengthOf((ulong)rpc) + rpc);
        int position = Varint.Write(target, (ulong)rpc);
        _subscriptions.AsSpan(0, _subscriptionsLength).CopyTo(target[position..]);
        position += _subscriptionsLength;
        if (control > 0)
        {
            WriteField(target, ref position, 3, _control.AsSpan(0, _controlLength));
        }

        _subscriptionsLength = 0;
        _controlLength = 0;
    }

    private static Span<byte> Reserve(ref byte[] buffer, ref int length, int size)
    {
        if (buffer.Length - length < size)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + size));
        }

        Span<byte> reserved = buffer.AsSpan(length, size);
        length += size;
        return reserved;
    }

    private static int SizeOfField(int length) => 1 + Varint.LengthOf((ulong)length) + length;

    private static int WriteHeader(Span<byte> target, int field, int length)
    {
        target[0] = (byte)((field << 3) | 2);
        return 1 + Varint.Write(target[1..], (ulong)length);
    }

    private static void WriteField(Span<byte> target, ref int position, int field, ReadOnlySpan<byte> value)
    {
        position += WriteHeader(target[position..], field, value.Length);
        value.CopyTo(target[position..]);
        position += value.Length;
    }
}
