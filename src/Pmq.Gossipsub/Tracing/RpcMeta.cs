using System.Text;
using Pmq.Core.Encoding;
using Pmq.Core.Protobuf;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;

namespace Pmq.Gossipsub.Tracing;

/// <summary>What an RPC carries, without payloads: the RPCMeta of the trace schema.</summary>
public sealed class RpcMeta
{
    private readonly List<(string Topic, ReadOnlyMemory<byte> Id)> _messages = [];
    private readonly List<(string Topic, bool Subscribe)> _subscriptions = [];
    private readonly List<(string Topic, IReadOnlyList<ReadOnlyMemory<byte>> Ids)> _ihave = [];
    private readonly List<IReadOnlyList<ReadOnlyMemory<byte>>> _iwant = [];
    private readonly List<string> _grafts = [];
    private readonly List<(string Topic, IReadOnlyList<ReadOnlyMemory<byte>> Peers)> _prunes = [];
    private readonly List<IReadOnlyList<ReadOnlyMemory<byte>>> _idontwant = [];

    private RpcMeta()
    {
    }

    /// <summary>Messages: topic, and id as it is on the wire.</summary>
    public IReadOnlyList<(string Topic, ReadOnlyMemory<byte> Id)> Messages => _messages;

    /// <summary>Subscriptions and unsubscriptions.</summary>
    public IReadOnlyList<(string Topic, bool Subscribe)> Subscriptions => _subscriptions;

    /// <summary>IHAVEs: topic, and ids as they are on the wire.</summary>
    public IReadOnlyList<(string Topic, IReadOnlyList<ReadOnlyMemory<byte>> Ids)> IHave => _ihave;

    /// <summary>The ids of each IWANT.</summary>
    public IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> IWant => _iwant;

    /// <summary>The topics of GRAFTs.</summary>
    public IReadOnlyList<string> Grafts => _grafts;

    /// <summary>PRUNEs: topic, and the binary ids of the peers named in it.</summary>
    public IReadOnlyList<(string Topic, IReadOnlyList<ReadOnlyMemory<byte>> Peers)> Prunes => _prunes;

    /// <summary>The ids of each IDONTWANT.</summary>
    public IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> IDontWant => _idontwant;

    /// <summary>Whether there is any control.</summary>
    public bool HasControl =>
        _ihave.Count + _iwant.Count + _grafts.Count + _prunes.Count + _idontwant.Count > 0;

    internal static RpcMeta Of(GossipMessage message)
    {
        var meta = new RpcMeta();
        meta.AddMessage(message.Topic, message.Id);
        return meta;
    }

    internal static RpcMeta Of(RpcView rpc)
    {
        var meta = new RpcMeta();
        ReadOnlySpan<byte> frame = rpc.Frame.Span;
        foreach (ref readonly MessageEntry entry in rpc.Messages)
        {
            MessageFields.TryRead(frame.Slice(entry.Offset, entry.Length), out MessageFields fields);
            meta.AddMessage(Encoding.UTF8.GetString(fields.Topic), entry.Id);
        }

        meta.AddControl(frame);
        return meta;
    }

    /// <summary>Of RPCs with subscriptions and control alone, each with its length.</summary>
    internal static RpcMeta OfFrames(ReadOnlySpan<byte> frames)
    {
        var meta = new RpcMeta();
        while (Varint.Read(frames, out ulong length, out int prefix) == VarintStatus.Done
            && length <= (ulong)(frames.Length - prefix))
        {
            meta.AddControl(frames.Slice(prefix, (int)length));
            frames = frames[(prefix + (int)length)..];
        }

        return meta;
    }

    private void AddMessage(string topic, MessageId id)
    {
        byte[] wire = new byte[id.WireLength];
        id.WriteWire(wire);
        _messages.Add((topic, wire));
    }

    private void AddControl(ReadOnlySpan<byte> frame)
    {
        SubscriptionReader subscriptions = new(frame);
        while (subscriptions.Next(out bool subscribe, out ReadOnlySpan<byte> topic))
        {
            _subscriptions.Add((Encoding.UTF8.GetString(topic), subscribe));
        }

        ControlReader control = new(frame);
        while (control.Next())
        {
            string topic = Encoding.UTF8.GetString(ControlReader.TopicOf(control.Entry));
            switch (control.Kind)
            {
                case ControlKind.IHave:
                    _ihave.Add((topic, IdsOf(control.Entry, control.Kind)));
                    break;
                case ControlKind.IWant:
                    _iwant.Add(IdsOf(control.Entry, control.Kind));
                    break;
                case ControlKind.Graft:
                    _grafts.Add(topic);
                    break;
                case ControlKind.Prune:
                    _prunes.Add((topic, PeersOf(control.Entry)));
                    break;
                default:
                    _idontwant.Add(IdsOf(control.Entry, control.Kind));
                    break;
            }
        }
    }

    // ControlPrune: topicID=1, peers=2 {peerID=1, signedPeerRecord=2} repeated, backoff=3.
    private static List<ReadOnlyMemory<byte>> PeersOf(ReadOnlySpan<byte> entry)
    {
        List<ReadOnlyMemory<byte>> peers = [];
        ProtoReader prune = new(entry);
        while (prune.Next())
        {
            if (prune.FieldNumber != 2 || !prune.TryReadBytes(out ReadOnlySpan<byte> info))
            {
                continue;
            }

            ProtoReader peer = new(info);
            while (peer.Next())
            {
                if (peer.FieldNumber == 1 && peer.TryReadBytes(out ReadOnlySpan<byte> id))
                {
                    peers.Add(id.ToArray());
                }
            }
        }

        return peers;
    }

    private static List<ReadOnlyMemory<byte>> IdsOf(ReadOnlySpan<byte> entry, ControlKind kind)
    {
        List<ReadOnlyMemory<byte>> ids = [];
        IdReader reader = new(entry, kind);
        while (reader.Next(out ReadOnlySpan<byte> id))
        {
            ids.Add(id.ToArray());
        }

        return ids;
    }
}
