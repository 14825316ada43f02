using System.Text;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Simulation.Links;
using Pmq.Simulation.Messages;

namespace Pmq.Simulation.Attackers;

/// <summary>
/// A minimal node that speaks raw RPCs: it dials its targets, announces its topics, and leaves the rest to those who
/// derive from it. It dials again when it was cut off.
/// </summary>
internal abstract class Attacker(AttackPlan plan) : Actor
{
    private const int DialTimer = -1;
    private static readonly TimeSpan DialAgain = TimeSpan.FromSeconds(5);

    private readonly byte[][] _names = [.. plan.Topics.Select(Encoding.UTF8.GetBytes)];

    /// <summary>How often honest nodes closed a connection of it.</summary>
    public int CutOffs { get; private set; }

    /// <summary>RPCs and messages that it sent beyond what an honest node would have.</summary>
    public long Sent { get; protected set; }

    /// <summary>Honest nodes that it dials.</summary>
    public int DialCount => plan.Targets.Count;

    /// <summary>Its plan.</summary>
    protected AttackPlan Plan => plan;

    /// <summary>The RPC at hand.</summary>
    protected RawRpc Rpc { get; } = new();

    /// <inheritdoc />
    protected internal override void OnStart()
    {
        foreach (Actor target in plan.Targets)
        {
            DialLater(target, TimeSpan.Zero, plan.Spread);
        }
    }

    /// <inheritdoc />
    protected internal override void OnConnected(Connection connection)
    {
        foreach (string topic in plan.Topics)
        {
            Rpc.Subscribe(topic);
        }

        Begin(connection);
        SendControl(connection);
    }

    /// <inheritdoc />
    protected internal override void OnDisconnected(Connection connection)
    {
        CutOffs++;
        SetTimer(DialAgain, DialTimer, connection.Remote);
    }

    /// <inheritdoc />
    protected internal override void OnDialFailed(Actor other) => SetTimer(DialAgain, DialTimer, other);

    /// <inheritdoc />
    protected internal override void OnTimer(int timer, object? state)
    {
        if (timer != DialTimer)
        {
            OnAttack(timer, state);
        }
        else if (state is Actor target && ConnectionTo(target) is null)
        {
            Dial(target);
        }
    }

    /// <inheritdoc />
    protected internal override void OnFrame(Connection from, Frame frame, FrameClass frameClass)
    {
        if (frame.MessageNumber >= 0)
        {
            OnMessage(from, World.Messages[frame.MessageNumber]);
            return;
        }

        var reader = new ControlReader(frame.Rpc.Span);
        while (reader.Next())
        {
            switch (reader.Kind)
            {
                case ControlKind.Graft when TopicOf(ControlReader.TopicOf(reader.Entry)) is >= 0 and int topic:
                    OnGraft(from, topic);
                    break;
                case ControlKind.Prune when TopicOf(ControlReader.TopicOf(reader.Entry)) is >= 0 and int topic:
                    OnPrune(from, topic, TimeSpan.FromSeconds(Math.Min(3600, ControlReader.BackoffOf(reader.Entry))));
                    break;
                case ControlKind.IWant:
                    var ids = new IdReader(reader.Entry, ControlKind.IWant);
                    while (ids.Next(out ReadOnlySpan<byte> id))
                    {
                        OnIWant(from, id);
                    }

                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>A connection is open; what is put into <see cref="Rpc"/> goes with the announcement.</summary>
    protected virtual void Begin(Connection connection)
    {
    }

    /// <summary>A timer of the attack is due.</summary>
    protected virtual void OnAttack(int timer, object? state)
    {
    }

    /// <summary>A message has come.</summary>
    protected virtual void OnMessage(Connection from, SimMessage message)
    {
    }

    /// <summary>A GRAFT has come.</summary>
    protected virtual void OnGraft(Connection from, int topic)
    {
    }

    /// <summary>A PRUNE has come.</summary>
    protected virtual void OnPrune(Connection from, int topic, TimeSpan backoff)
    {
    }

    /// <summary>An id was asked for.</summary>
    protected virtual void OnIWant(Connection from, ReadOnlySpan<byte> id)
    {
    }

    /// <summary>Dials within <paramref name="spread"/> after <paramref name="wait"/>.</summary>
    protected void DialLater(Actor target, TimeSpan wait, TimeSpan spread) =>
        SetTimer(wait + Chance.NextTimeSpan(TimeSpan.Zero, spread), DialTimer, target);

    /// <summary>Sends what stands in <see cref="Rpc"/>.</summary>
    protected void SendControl(Connection to) => Send(to, Rpc.ToFrame(), FrameClass.Control);

    /// <summary>An id that belongs to no message.</summary>
    protected MessageId MadeUpId()
    {
        Span<byte> digest = stackalloc byte[MessageIdOptions.DefaultSize];
        for (int i = 0; i < digest.Length; i++)
        {
            digest[i] = (byte)Chance.NextInt32(256);
        }

        return new MessageId(digest);
    }

    private int TopicOf(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _names.Length; i++)
        {
            if (name.SequenceEqual(_names[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
