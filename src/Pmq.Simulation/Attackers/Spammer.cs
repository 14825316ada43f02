using Pmq.Simulation.Links;

namespace Pmq.Simulation.Attackers;

/// <summary>
/// Does the same to each of its connections in every <paramref name="interval"/>, from <paramref name="from"/> on.
/// Until then it only announces its topics.
/// </summary>
internal abstract class Spammer(AttackPlan plan, TimeSpan interval, TimeSpan from) : Attacker(plan)
{
    private const int SpamTimer = 1;

    /// <summary>The time between two rounds.</summary>
    protected TimeSpan Interval => interval;

    /// <inheritdoc />
    protected override void Begin(Connection connection)
    {
        TimeSpan first = Chance.NextTimeSpan(TimeSpan.Zero, interval);
        TimeSpan wait = from > Now ? from - Now : TimeSpan.Zero;
        SetTimer(wait + first, SpamTimer, connection);
    }

    /// <inheritdoc />
    protected override void OnAttack(int timer, object? state)
    {
        if (state is Connection { IsOpen: true } connection)
        {
            Spam(connection);
            SetTimer(interval, SpamTimer, connection);
        }
    }

    /// <summary>One round towards one peer.</summary>
    protected abstract void Spam(Connection to);
}
