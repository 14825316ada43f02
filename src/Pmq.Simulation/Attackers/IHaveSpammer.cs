using Pmq.Gossipsub.Messages;
using Pmq.Simulation.Links;

namespace Pmq.Simulation.Attackers;

/// <summary>Advertises messages that do not exist, and answers no request for them.</summary>
internal sealed class IHaveSpammer(AttackPlan plan, TimeSpan interval, TimeSpan from, int ids)
    : Spammer(plan, interval, from)
{
    /// <summary>Ids that were asked of it.</summary>
    public long Asked { get; private set; }

    /// <inheritdoc />
    protected override void Spam(Connection to)
    {
        var made = new MessageId[ids];
        foreach (string topic in Plan.Topics)
        {
            for (int i = 0; i < ids; i++)
            {
                made[i] = MadeUpId();
            }

            Rpc.IHave(topic, made);
        }

        Sent++;
        SendControl(to);
    }

    /// <inheritdoc />
    protected override void OnIWant(Connection from, ReadOnlySpan<byte> id) => Asked++;
}
