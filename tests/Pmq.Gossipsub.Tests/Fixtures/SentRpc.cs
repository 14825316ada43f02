using System.Text;
using Pmq.Core.Encoding;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;

namespace Pmq.Gossipsub.Tests.Fixtures;

/// <summary>What stands in RPCs that the router or the encoder made, read back.</summary>
internal sealed class SentRpc
{
    public List<(string Topic, bool Subscribe)> Subscriptions { get; } = [];

    public List<string> Messages { get; } = [];

    public List<(string Topic, string Id)> IHaves { get; } = [];

    public List<string> IWants { get; } = [];

    public List<string> Grafts { get; } = [];

    public List<(string Topic, ulong Backoff)> Prunes { get; } = [];

    public List<string> IDontWants { get; } = [];

    /// <summary>The peers in PRUNEs.</summary>
    public List<(PeerId Id, byte[] Record)> ExchangedPeers { get; } = [];

    /// <summary>The size of each RPC, without its length prefix.</summary>
    public List<int> Sizes { get; } = [];

    /// <summary>Reads RPCs behind their length prefixes, and fails on what a peer would refuse.</summary>
    public static SentRpc Read(ReadOnlySpan<byte> frames, int maxSize = 64 * 1024 * 1024)
    {
        SentRpc sent = new();
        RpcScanner scanner = new(new GossipsubOptions { MaxMessageSize = maxSize });
        RpcView view = new();
        while (!frames.IsEmpty)
        {
            Assert.Equal(VarintStatus.Done, Varint.Read(frames, out ulong size, out int prefix));
            byte[] rpc = frames.Slice(prefix, (int)size).ToArray();
            frames = frames[(prefix + (int)size)..];
            Assert.Equal(RpcViolation.None, scanner.Scan(rpc, view));
            sent.Sizes.Add(rpc.Length);
            sent.Add(view);
        }

        return sent;
    }

    private void Add(RpcView view)
    {
        ReadOnlySpan<byte> rpc = view.Frame.Span;
        SubscriptionReader subscriptions = new(rpc);
        while (subscriptions.Next(out bool subscribe, out ReadOnlySpan<byte> topic))
        {
            Subscriptions.Add((Encoding.UTF8.GetString(topic), subscribe));
        }

        foreach (MessageEntry entry in view.Messages)
        {
            Assert.True(MessageFields.TryRead(rpc.Slice(entry.Offset, entry.Length), out MessageFields fields));
            Messages.Add(Encoding.UTF8.GetString(fields.Data));
        }

        ControlReader control = new(rpc);
        while (control.Next())
        {
            AddIds(control.Kind, control.Entry);
            if (control.Kind == ControlKind.Graft)
            {
                Grafts.Add(Topic(control.Entry));
            }
            else if (control.Kind == ControlKind.Prune)
            {
                Prunes.Add((Topic(control.Entry), ControlReader.BackoffOf(control.Entry)));
                PeerInfoReader peers = new(control.Entry);
                while (peers.Next(out ReadOnlySpan<byte> id, out ReadOnlySpan<byte> record))
                {
                    Assert.True(PeerId.TryFromBytes(id, out PeerId? peer));
                    ExchangedPeers.Add((peer, record.ToArray()));
                }
            }
        }

    }

    private void AddIds(ControlKind kind, ReadOnlySpan<byte> entry)
    {
        IdReader ids = new(entry, kind);
        while (ids.Next(out ReadOnlySpan<byte> id))
        {
            string text = Encoding.UTF8.GetString(id);
            if (kind == ControlKind.IHave)
            {
                IHaves.Add((Topic(entry), text));
            }
            else if (kind == ControlKind.IWant)
            {
                IWants.Add(text);
            }
            else
            {
                IDontWants.Add(text);
            }
        }
    }

    private static string Topic(ReadOnlySpan<byte> entry) => Encoding.UTF8.GetString(ControlReader.TopicOf(entry));
}
