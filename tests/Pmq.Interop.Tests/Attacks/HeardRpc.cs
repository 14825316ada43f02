using System.Text;
using Pmq.Core.Protobuf;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;

namespace Pmq.Interop.Tests.Attacks;

/// <summary>What stands in one RPC that a peer sent to a raw peer.</summary>
internal sealed record HeardRpc(
    IReadOnlyList<string> Messages,
    IReadOnlyList<string> IHave,
    IReadOnlyList<string> IWant,
    IReadOnlyList<string> IDontWant,
    IReadOnlyList<string> Grafts,
    IReadOnlyList<string> Prunes)
{
    private static readonly RpcScanner Scanner = new(new GossipsubOptions { MaxMessageSize = 16 * 1024 * 1024 });

    public static HeardRpc Read(byte[] rpc)
    {
        var view = new RpcView();
        Assert.Equal(RpcViolation.None, Scanner.Scan(rpc, view));
        var messages = new List<string>();
        foreach (MessageEntry entry in view.Messages)
        {
            Assert.True(MessageFields.TryRead(rpc.AsSpan(entry.Offset, entry.Length), out MessageFields fields));
            messages.Add(Encoding.UTF8.GetString(fields.Data));
        }

        // RPC: control = 3. Control: ihave = 1, iwant = 2, graft = 3, prune = 4, idontwant = 5.
        List<string>[] control = [[], [], [], [], [], []];
        ProtoReader fieldsOfRpc = new(rpc);
        while (fieldsOfRpc.Next())
        {
            if (fieldsOfRpc.FieldNumber == 3 && fieldsOfRpc.TryReadBytes(out ReadOnlySpan<byte> body))
            {
                ProtoReader kinds = new(body);
                while (kinds.Next())
                {
                    int kind = kinds.FieldNumber;
                    if (kind is >= 1 and <= 5 && kinds.TryReadBytes(out ReadOnlySpan<byte> entry))
                    {
                        // Ids: field 2 of IHAVE, field 1 of IWANT and IDONTWANT; topic: field 1 of GRAFT and PRUNE.
                        AddTexts(entry, kind == 1 ? 2 : 1, control[kind]);
                    }
                }
            }
        }

        return new HeardRpc(messages, control[1], control[2], control[5], control[3], control[4]);
    }

    private static void AddTexts(ReadOnlySpan<byte> entry, int field, List<string> texts)
    {
        ProtoReader reader = new(entry);
        while (reader.Next())
        {
            if (reader.FieldNumber == field && reader.TryReadBytes(out ReadOnlySpan<byte> text))
            {
                texts.Add(Encoding.UTF8.GetString(text));
            }
        }
    }
}
