using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Simulation.Checks;
using Pmq.Simulation.Links;
using Pmq.Simulation.Measuring;
using Pmq.Simulation.Messages;
using Pmq.Simulation.Time;

namespace Pmq.Simulation;

/// <summary>
/// A simulated network: actors, their links and a virtual clock, on the thread that calls it. One seed gives one run:
/// events are ordered by time, then by the order in which they were scheduled.
/// </summary>
public sealed partial class World
{
    private readonly EventQueue _events = new();
    private readonly List<Actor> _actors = [];
    private readonly Dictionary<PeerId, Actor> _byId = [];
    private readonly SeededChance _chance;
    private readonly Chance _linkChance;
    private readonly Chance _idChance;
    private long _now;

    /// <summary>An empty world.</summary>
    public World(WorldOptions options)
    {
        Options = options;
        _chance = new SeededChance(options.Seed);
        _linkChance = _chance.Fork("links");
        _idChance = _chance.Fork("ids");
        Trace = new TraceHash(options.Hash);
        Messages = new MessageLedger(options.Gossipsub);
        Measure = new Measure(this);
        Checkers = new Checkers(this);
        Frames = new FrameCounters();
        _scanner = new Gossipsub.Rpc.RpcScanner(options.Gossipsub);
    }

    /// <summary>What it was made with.</summary>
    public WorldOptions Options { get; }

    /// <summary>The time since the beginning.</summary>
    public TimeSpan Now => TimeSpan.FromTicks(_now);

    /// <summary>
    /// Chance of the scenario: to choose publishers, victims, faults. Links and actors have their own.
    /// </summary>
    public Chance Chance => _chance;

    /// <summary>All actors, by number.</summary>
    public IReadOnlyList<Actor> Actors => _actors;

    /// <summary>Every message that was made, by number.</summary>
    public MessageLedger Messages { get; }

    /// <summary>What has been measured.</summary>
    public Measure Measure { get; }

    /// <summary>What must hold at every step.</summary>
    public Checkers Checkers { get; }

    /// <summary>Frames and bytes, sent and dropped.</summary>
    public FrameCounters Frames { get; }

    /// <summary>A hash of all that has happened: equal for two runs with one seed.</summary>
    public ulong TraceHash => Trace.Value;

    /// <summary>Events carried out.</summary>
    public long EventCount { get; private set; }

    internal TraceHash Trace { get; }

    internal long NowTicks => _now;

    /// <summary>Adds an actor, which is down until <see cref="Start"/>.</summary>
    public T Add<T>(T actor)
        where T : Actor
    {
        int number = _actors.Count;
        actor.Attach(this, number, NewPeerId(), AddressOf(number), _chance.Fork($"actor-{number}"));
        _actors.Add(actor);
        _byId.Add(actor.Id, actor);
        return actor;
    }

    /// <summary>The actor with a peer id.</summary>
    public bool TryFind(PeerId id, [NotNullWhen(true)] out Actor? actor) => _byId.TryGetValue(id, out actor);

    /// <summary>Starts an actor that is down, now. A crashed one starts anew.</summary>
    public void Start(Actor actor)
    {
        if (!actor.IsUp)
        {
            actor.IsUp = true;
            actor.Life++;
            Trace.Add(_now, actor.Number, TraceStep.Start, actor.Life);
            actor.OnStart();
        }
    }

    /// <summary>Does something at a time; at once when that has passed.</summary>
    public void At(TimeSpan time, Action action) => Schedule(new SimEvent
    {
        Due = Math.Max(_now, time.Ticks),
        Kind = EventKind.Action,
        Target = this,
        Subject = action,
    });

    /// <summary>Does something from a time on, again and again, until another.</summary>
    public void Every(TimeSpan interval, TimeSpan from, TimeSpan until, Action action) => At(from, () =>
    {
        if (Now < until)
        {
            action();
            Every(interval, Now + interval, until, action);
        }
    });

    /// <summary>Lets time pass until <paramref name="time"/>.</summary>
    /// <param name="time">When to stop.</param>
    /// <param name="cancellationToken">Looked at once in a simulated millisecond or so.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; the world is of no further use.</exception>
    public void RunUntil(TimeSpan time, CancellationToken cancellationToken = default)
    {
        long until = time.Ticks;
        while (_events.TryPop(until, out SimEvent item))
        {
            if (item.Due >= Measure.NextSampleAt)
            {
                Measure.Advance(item.Due);
            }

            _now = item.Due;
            if ((++EventCount & 0xFFF) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            Carry(item);
        }

        _now = Math.Max(_now, until);
        Measure.Advance(_now);
    }

    /// <summary>Lets some time pass.</summary>
    public void Run(TimeSpan time, CancellationToken cancellationToken = default) =>
        RunUntil(Now + time, cancellationToken);

    internal void SetTimer(Actor actor, TimeSpan delay, int timer, object? state) => Schedule(new SimEvent
    {
        Due = _now + Math.Max(0, delay.Ticks),
        Kind = EventKind.Timer,
        Target = actor,
        Subject = state,
        Number = timer,
        Life = actor.Life,
    });

    private void Schedule(in SimEvent item) => _events.Push(item);

    private void Carry(in SimEvent item)
    {
        switch (item.Kind)
        {
            case EventKind.Frame:
                Arrive((Connection)item.Target, (Frame)item.Subject!, (FrameClass)item.Number);
                break;
            case EventKind.Timer:
                Actor actor = (Actor)item.Target;
                if (actor.IsUp && actor.Life == item.Life)
                {
                    actor.OnTimer(item.Number, item.Subject);
                }

                break;
            case EventKind.Pump:
                Pump((Connection)item.Target);
                break;
            case EventKind.Opened:
                FinishDial((Connection)item.Target, item.Life);
                break;
            case EventKind.Closed:
                FinishClose((Connection)item.Target);
                break;
            case EventKind.DialFailed:
                FailDial((Actor)item.Target, (Actor)item.Subject!, item.Life);
                break;
            default:
                ((Action)item.Subject!)();
                break;
        }
    }

    // Multihash identity (0x00, 36 bytes) of a public key {Type=1 Ed25519 (1), Data=2 (32 bytes)}.
    private PeerId NewPeerId()
    {
        byte[] bytes = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20, .. new byte[32]];
        for (int i = 6; i < bytes.Length; i += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i), _idChance.NextUInt64());
        }

        Invariant.Check(PeerId.TryFromBytes(bytes, out PeerId? id));
        return id;
    }

    // 20.0.0.0/8: public addresses, each in a /24 of its own as long as there are 65,536 of them.
    private static IPAddress AddressOf(int number) =>
        new([20, (byte)(number >> 8), (byte)number, (byte)(1 + (number >> 16))]);
}
