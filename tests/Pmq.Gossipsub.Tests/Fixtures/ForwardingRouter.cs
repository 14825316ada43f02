using System.Buffers.Binary;
using System.Diagnostics;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Testing;

namespace Pmq.Gossipsub.Tests.Fixtures;

/// <summary>
/// A router in the middle of a mesh: one peer hands it each message, it passes it on to the others, and some of them
/// hand it over again. Driven as its driver does, on one thread and without allocations of its own.
/// </summary>
internal sealed class ForwardingRouter
{
    /// <summary>Messages that are read from the connections before they are handed to the router.</summary>
    public const int Batch = 128;

    /// <summary>Messages from one heartbeat to the next.</summary>
    public const int MessagesPerHeartbeat = 80 * Batch;

    private readonly RpcScanner _scanner;
    private readonly EffectList _effects = new();
    private readonly GossipPeer[] _peers;
    private readonly byte[][] _rpcs = new byte[Batch][];
    private readonly RpcView[] _views = new RpcView[Batch];
    private readonly int _copies;
    private readonly int _dataOffset;
    private TimeSpan _now;
    private long _number;

    /// <summary>Sets it up.</summary>
    /// <param name="options">The router's.</param>
    /// <param name="mesh">Peers to which each message is passed on.</param>
    /// <param name="payload">Bytes of data in a message, at least 8.</param>
    /// <param name="copies">Peers of the mesh that hand each message over again.</param>
    public ForwardingRouter(GossipsubOptions options, int mesh, int payload, int copies)
    {
        _copies = copies;
        Router = new GossipsubRouter(options, IdOf(0), new SeededChance(1), TimeSpan.Zero);
        _scanner = new RpcScanner(options);
        Router.Join("t", TimeSpan.Zero, _effects);
        _peers = new GossipPeer[mesh + 1];
        for (int i = 0; i < _peers.Length; i++)
        {
            _peers[i] = Router.AddPeer(
                IdOf(i + 1), PubsubProtocol.Meshsub12, ConnectionDirection.Outbound, TimeSpan.Zero, _effects);
            var view = new RpcView();
            _scanner.Scan(new RpcBuilder().Graft("t").Build(), view);
            Router.HandleRpc(_peers[i], view, TimeSpan.Zero, _effects);
        }

        byte[] rpc = new RpcBuilder().Publish("t", new byte[payload]).Build();
        _dataOffset = rpc.AsSpan().IndexOf(new byte[payload]);
        for (int i = 0; i < Batch; i++)
        {
            _rpcs[i] = (byte[])rpc.Clone();
            _views[i] = new RpcView();
        }

        Flush();
    }

    public GossipsubRouter Router { get; }

    /// <summary>Ticks of <see cref="Stopwatch"/> that the router took.</summary>
    public long RouterTicks { get; private set; }

    /// <summary>The same of the scanner, which runs on the connections' threads.</summary>
    public long ScannerTicks { get; private set; }

    /// <summary>
    /// Bytes that hold one message: the array of its frame, the IDONTWANT for the mesh behind it, and the object that
    /// refers to it.
    /// </summary>
    public long BytesThatHoldAMessage()
    {
        MessageFields.TryRead(_rpcs[0].AsSpan(_rpcs[0].Length - BodyLength()), out MessageFields fields);
        MessageId id = default(MessageIdOptions).Compute(fields.Data);
        long bytes = 0;
        for (int i = 0; i < 2; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            byte[] frame = MessageEncoding.Encode(fields, id, out MessageEncoding encoding);
            _ = new GossipMessage("t", default, SignaturePolicy.StrictNoSign, _peers[0], frame, encoding);
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return bytes;
    }

    /// <summary>Passes messages on, in whole batches.</summary>
    public void Run(int messages)
    {
        for (int done = 0; done < messages; done += Batch)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Batch; i++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(_rpcs[i].AsSpan(_dataOffset), ++_number);
                _scanner.Scan(_rpcs[i], _views[i]);
            }

            long scanned = Stopwatch.GetTimestamp();
            foreach (RpcView view in _views)
            {
                Forward(view);
            }

            if (_number % MessagesPerHeartbeat < Batch)
            {
                _now = Router.NextHeartbeat;
                Router.Heartbeat(_now, _effects);
                Flush();
            }

            ScannerTicks += scanned - start;
            RouterTicks += Stopwatch.GetTimestamp() - scanned;
        }
    }

    private void Forward(RpcView view)
    {
        Router.HandleRpc(_peers[0], view, _now, _effects);
        for (int e = 0; e < _effects.Count; e++)
        {
            if (_effects[e].Kind == EffectKind.Validate)
            {
                Router.OnVerdict(_effects[e].Message, Verdict.Accept, _now, _effects);
            }
        }

        foreach (GossipPeer peer in _peers.AsSpan(1, _copies))
        {
            Router.HandleRpc(peer, view, _now, _effects);
        }

        Flush();
    }

    private void Flush()
    {
        Router.Flush(_effects);
        _effects.Clear();
    }

    private int BodyLength()
    {
        // RPC: publish = 2, the only field.
        Core.Protobuf.ProtoReader rpc = new(_rpcs[0]);
        rpc.Next();
        rpc.TryReadBytes(out ReadOnlySpan<byte> body);
        return body.Length;
    }

    private static PeerId IdOf(int number)
    {
        using PrivateKey key = PrivateKey.Generate(KeyType.Ed25519, new SeededEntropy((ulong)number));
        return PeerId.FromPublicKey(key.PublicKey);
    }
}
