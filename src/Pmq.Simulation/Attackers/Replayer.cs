using Pmq.Simulation.Links;
using Pmq.Simulation.Messages;

namespace Pmq.Simulation.Attackers;

/// <summary>
/// Keeps the messages that it gets and sends them to all its targets again, once, <paramref name="after"/> they came:
/// when honest nodes have forgotten that they saw them.
/// </summary>
internal sealed class Replayer(AttackPlan plan, TimeSpan after) : Attacker(plan)
{
    private const int ReplayTimer = 1;

    private readonly HashSet<int> _kept = [];

    /// <summary>The numbers of the messages that it sent again.</summary>
    public List<int> Replayed { get; } = [];

    /// <inheritdoc />
    protected override void Begin(Connection connection)
    {
        foreach (string topic in Plan.Topics)
        {
            Rpc.Graft(topic);
        }
    }

    /// <inheritdoc />
    protected override void OnMessage(Connection from, SimMessage message)
    {
        if (_kept.Add(message.Number))
        {
            SetTimer(after, ReplayTimer, message);
        }
    }

    /// <inheritdoc />
    protected override void OnAttack(int timer, object? state)
    {
        SimMessage message = (SimMessage)state!;
        Replayed.Add(message.Number);
        foreach (Connection connection in Connections)
        {
            Send(connection, message.Frame, FrameClass.Relay);
            Sent++;
        }
    }
}
