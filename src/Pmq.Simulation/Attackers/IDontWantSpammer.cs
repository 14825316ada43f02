using Pmq.Gossipsub.Messages;
using Pmq.Simulation.Links;

namespace Pmq.Simulation.Attackers;

/// <summary>Says of endless ids that it does not want them, to fill the tables of its targets.</summary>
internal sealed class IDontWantSpammer(AttackPlan plan, TimeSpan interval, TimeSpan from, int ids)
    : Spammer(plan, interval, from)
{
    /// <inheritdoc />
    protected override void Spam(Connection to)
    {
        var made = new MessageId[ids];
        for (int i = 0; i < ids; i++)
        {
            made[i] = MadeUpId();
        }

        Sent += ids;
        Rpc.IDontWant(made);
        SendControl(to);
    }
}
