using System.Runtime.InteropServices;
using Pmq.Gossipsub.Messages;
using Pmq.Simulation.Links;
using Pmq.Simulation.Messages;

namespace Pmq.Simulation.Attackers;

/// <summary>Asks for the latest messages of its targets, again and again, and for some that do not exist.</summary>
internal sealed class IWantSpammer(AttackPlan plan, TimeSpan interval, TimeSpan from, int ids, int madeUp)
    : Spammer(plan, interval, from)
{
    private readonly Dictionary<(Connection, int), int> _copies = [];
    private readonly List<MessageId> _ids = [];

    /// <summary>Ids that it asked for.</summary>
    public long Asked { get; private set; }

    /// <summary>Messages that came.</summary>
    public long Answers { get; private set; }

    /// <summary>The most copies of one message from one peer.</summary>
    public int MostCopies { get; private set; }

    /// <inheritdoc />
    protected override void Spam(Connection to)
    {
        for (int i = World.Messages.Count - 1; i >= 0 && _ids.Count < ids; i--)
        {
            SimMessage message = World.Messages[i];
            if (message.Author != this && Plan.Topics.Contains(message.Topic))
            {
                _ids.Add(message.Id);
            }
        }

        for (int i = 0; i < madeUp; i++)
        {
            _ids.Add(MadeUpId());
        }

        Asked += _ids.Count;
        Sent++;
        Rpc.IWant(CollectionsMarshal.AsSpan(_ids));
        _ids.Clear();
        SendControl(to);
    }

    /// <inheritdoc />
    protected override void OnMessage(Connection from, SimMessage message)
    {
        Answers++;
        ref int copies = ref CollectionsMarshal.GetValueRefOrAddDefault(_copies, (from, message.Number), out _);
        MostCopies = Math.Max(MostCopies, ++copies);
    }
}
