using System.Globalization;
using Pmq.Simulation.Links;

namespace Pmq.Simulation.Attackers;

/// <summary>
/// Announces topics that nobody knows, ever new ones, and takes each second batch back, to fill and to churn the tables
/// of its targets.
/// </summary>
internal sealed class SubscriptionSpammer(AttackPlan plan, TimeSpan interval, TimeSpan from, int topics)
    : Spammer(plan, interval, from)
{
    private readonly Dictionary<Connection, int> _announced = [];

    /// <inheritdoc />
    protected override void Spam(Connection to)
    {
        int first = _announced.GetValueOrDefault(to);
        bool takesBack = first % (2 * topics) != 0;
        for (int i = 0; i < topics; i++)
        {
            int number = takesBack ? first - topics + i : first + i;
            Rpc.Subscribe("junk/" + number.ToString(CultureInfo.InvariantCulture), !takesBack);
        }

        Sent += topics;
        _announced[to] = first + topics;
        SendControl(to);
    }
}
