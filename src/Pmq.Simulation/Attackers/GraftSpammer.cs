using Pmq.Simulation.Links;

namespace Pmq.Simulation.Attackers;

/// <summary>Grafts without end, whatever backoff it was told, and passes nothing on.</summary>
internal sealed class GraftSpammer(AttackPlan plan, TimeSpan interval, TimeSpan from) : Spammer(plan, interval, from)
{
    /// <summary>PRUNEs that answered.</summary>
    public long Answers { get; private set; }

    /// <inheritdoc />
    protected override void Spam(Connection to)
    {
        foreach (string topic in Plan.Topics)
        {
            Rpc.Graft(topic);
            Sent++;
        }

        SendControl(to);
    }

    /// <inheritdoc />
    protected override void OnPrune(Connection from, int topic, TimeSpan backoff) => Answers++;
}
