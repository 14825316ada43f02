using System.Buffers;
using System.IO.Pipelines;
using Pmq.Core.Addresses;
using Pmq.Core.Encoding;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Protobuf;
using Pmq.Core.Runtime;
using Pmq.Gossipsub;
using Pmq.Libp2p;

namespace Pmq.Engine.Tests;

/// <summary>A libp2p host that speaks gossipsub by hand: for what an honest peer never does.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private readonly Libp2pHost _host;
    private readonly PrivateKey _key;

    private RawPeer(Libp2pHost host, PrivateKey key)
    {
        _host = host;
        _key = key;
    }

    public PeerId Id => _host.LocalPeer;

    /// <summary>
    /// Connects to a peer and serves its outbound stream with <paramref name="serve"/>; null reads and forgets.
    /// </summary>
    public static async Task<(RawPeer Peer, IConnection Connection)> ConnectAsync(
        Multiaddr address, StreamHandler? serve = null)
    {
        PrivateKey key = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        var host = new Libp2pHost(new Libp2pHostOptions { Identity = key });
        foreach (string protocol in PubsubProtocols.Ids)
        {
            host.Handle(protocol, serve ?? ForgetAsync);
        }

        await host.StartAsync(PeerHarness.Deadline);
        return (new RawPeer(host, key), await host.ConnectAsync(address, PeerHarness.Deadline));
    }

    /// <summary>{subscriptions=1 {subscribe=1, topicid=2}} with its length prefix.</summary>
    public static byte[] Subscription(string topic) => Frame(writer =>
    {
        var entry = new ArrayBufferWriter<byte>();
        var fields = new ProtoWriter(entry);
        fields.WriteVarint(1, 1);
        fields.WriteString(2, topic);
        new ProtoWriter(writer).WriteBytes(1, entry.WrittenSpan);
    });

    /// <summary>{publish=2 {data=2, topic=4}} with its length prefix.</summary>
    public static byte[] Message(string topic, ReadOnlySpan<byte> data)
    {
        byte[] copy = data.ToArray();
        return Frame(writer =>
        {
            var entry = new ArrayBufferWriter<byte>();
            var fields = new ProtoWriter(entry);
            fields.WriteBytes(2, copy);
            fields.WriteString(4, topic);
            new ProtoWriter(writer).WriteBytes(2, entry.WrittenSpan);
        });
    }

    /// <summary>{control=3 {graft=3 {topicID=1}}} with its length prefix.</summary>
    public static byte[] Graft(string topic) => Frame(writer =>
    {
        var graft = new ArrayBufferWriter<byte>();
        new ProtoWriter(graft).WriteString(1, topic);
        var control = new ArrayBufferWriter<byte>();
        new ProtoWriter(control).WriteBytes(3, graft.WrittenSpan);
        new ProtoWriter(writer).WriteBytes(3, control.WrittenSpan);
    });

    /// <summary>Ends all connections to a peer and opens another.</summary>
    public async Task<IConnection> ReconnectAsync(PmqPeer peer)
    {
        await _host.DisconnectAsync(peer.LocalPeer, new CloseReason(CloseKind.LocalClose, "reconnect"));
        await PeerHarness.Eventually(() => new(peer.Host.Connections.Count == 0), "the connection is gone");
        return await _host.ConnectAsync(peer.ListenAddresses[0], PeerHarness.Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _key.Dispose();
    }

    private static byte[] Frame(Action<ArrayBufferWriter<byte>> write)
    {
        var rpc = new ArrayBufferWriter<byte>();
        write(rpc);
        byte[] frame = new byte[Varint.LengthOf((ulong)rpc.WrittenCount) + rpc.WrittenCount];
        rpc.WrittenSpan.CopyTo(frame.AsSpan(Varint.Write(frame, (ulong)rpc.WrittenCount)));
        return frame;
    }

    private static async Task ForgetAsync(IStream stream, CancellationToken cancellationToken)
    {
        try
        {
            ReadResult result;
            do
            {
                result = await stream.Input.ReadAsync(cancellationToken);
                stream.Input.AdvanceTo(result.Buffer.End);
            }
            while (!result.IsCompleted);
        }
        catch (StreamException)
        {
            // The other side ended it.
        }
    }
}
