using Pmq.Simulation.Links;

namespace Pmq.Simulation.Attackers;

/// <summary>Leaves meshes and grafts again at once, whatever the backoff, and passes nothing on.</summary>
internal sealed class GraftSpammer(AttackPlan plan, TimeSpan interval, TimeSpan from) : Spammer(plan, interval, from)
{
    /// <summary>PRUNEs that answered.</summary>
    public long Answers { get; private set; }

    /// <inheritdoc />
    protected override void Spam(Connection to)
    {
        foreach (string topic in Plan.Topics)
        {
            Rpc.Graft(topic).Prune(topic, 60);
            Sent++;
        }

        SendControl(to);
    }

    /// <inheritdoc />
    protected override void OnPrune(Connection from, int topic, TimeSpan backoff) => Answers++;
}
