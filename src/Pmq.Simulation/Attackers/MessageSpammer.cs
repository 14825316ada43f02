using Pmq.Simulation.Links;
using Pmq.Simulation.Messages;

namespace Pmq.Simulation.Attackers;

/// <summary>
/// Sends messages of its own that deserve <paramref name="truth"/>: rejected ones to spend the verifier's time, ignored
/// ones, which cost it no score, to fill the queues in front of it.
/// </summary>
internal sealed class MessageSpammer(
    AttackPlan plan, TimeSpan interval, TimeSpan from, MessageTruth truth, int size, int burst)
    : Spammer(plan, interval, from)
{
    /// <inheritdoc />
    protected override void Spam(Connection to)
    {
        for (int i = 0; i < burst; i++)
        {
            foreach (string topic in Plan.Topics)
            {
                SimMessage message = World.Messages.Create(topic, size, this, truth, Now);
                Send(to, message.Frame, FrameClass.Publish);
                Sent++;
            }
        }
    }
}
