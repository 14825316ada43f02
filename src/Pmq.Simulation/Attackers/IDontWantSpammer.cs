using System.Buffers.Binary;
using Pmq.Gossipsub.Messages;
using Pmq.Simulation.Links;

namespace Pmq.Simulation.Attackers;

/// <summary>Says of endless ids that it does not want them, to fill the tables of its targets.</summary>
internal sealed class IDontWantSpammer(AttackPlan plan, TimeSpan interval, TimeSpan from, int rpcs, int ids)
    : Spammer(plan, interval, from)
{
    private long _last;

    /// <inheritdoc />
    protected override void Spam(Connection to)
    {
        var made = new MessageId[ids];
        Span<byte> digest = stackalloc byte[MessageIdOptions.DefaultSize];
        digest.Clear();
        for (int rpc = 0; rpc < rpcs; rpc++)
        {
            for (int i = 0; i < ids; i++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(digest, ++_last);
                made[i] = new MessageId(digest);
            }

            Rpc.IDontWant(made);
            SendControl(to);
        }

        Sent += rpcs * ids;
    }
}
