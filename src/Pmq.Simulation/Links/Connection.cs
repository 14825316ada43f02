using Pmq.Core.Hosting;
using Pmq.Gossipsub;

namespace Pmq.Simulation.Links;

/// <summary>
/// One end of a connection between two actors, as its owner sees it. What is sent here waits in three bounded queues
/// when the link or the reader is slow, by class.
/// </summary>
public sealed class Connection
{
    private Queue<Waiting>[]? _queues;

    internal Connection(Actor local, Actor remote, ConnectionDirection direction, long latency)
    {
        Local = local;
        Remote = remote;
        Direction = direction;
        Latency = latency;
    }

    /// <summary>Whose end this is.</summary>
    public Actor Local { get; }

    /// <summary>Who is at the other end.</summary>
    public Actor Remote { get; }

    /// <summary>Whether the owner dialed.</summary>
    public ConnectionDirection Direction { get; }

    /// <summary>The other end.</summary>
    public Connection Reverse { get; internal set; } = null!;

    /// <summary>The protocol that both speak.</summary>
    public PubsubProtocol Protocol =>
        (PubsubProtocol)Math.Min((int)Local.Protocol, (int)Remote.Protocol);

    /// <summary>Whether the owner may send; false once it was closed here or the owner has learned that it broke.</summary>
    public bool IsOpen { get; internal set; }

    /// <summary>Whether nothing leaves this end at present: frames wait.</summary>
    public bool IsClogged { get; internal set; }

    /// <summary>What the owner keeps for the peer. The world never touches it.</summary>
    public object? State { get; set; }

    /// <summary>Message bytes that wait here.</summary>
    public long QueuedBytes { get; private set; }

    /// <summary>Control bytes that wait here.</summary>
    public long QueuedControlBytes { get; private set; }

    /// <summary>Frames that wait here, of all classes.</summary>
    public int QueuedFrames { get; private set; }

    internal long Latency { get; }

    internal long LastArrival { get; set; }

    /// <summary>Until when the reader at the other end has work with what is under way.</summary>
    internal long ReaderFreeAt { get; set; }

    /// <summary>Whether an event will look at the queue.</summary>
    internal bool IsPumping { get; set; }

    internal void Enqueue(Frame frame, FrameClass frameClass, long now)
    {
        _queues ??= [new Queue<Waiting>(), new Queue<Waiting>(), new Queue<Waiting>()];
        _queues[(int)frameClass].Enqueue(new Waiting(frame, now));
        Count(frame, frameClass, 1);
    }

    /// <summary>The next frame of the least class that has one.</summary>
    internal bool TryDequeue(out Frame frame, out FrameClass frameClass, out long since)
    {
        for (int i = 0; _queues is not null && i < _queues.Length; i++)
        {
            if (_queues[i].TryDequeue(out Waiting waiting))
            {
                (frame, frameClass, since) = (waiting.Frame, (FrameClass)i, waiting.Since);
                Count(frame, frameClass, -1);
                return true;
            }
        }

        (frame, frameClass, since) = (null!, default, 0);
        return false;
    }

    /// <summary>Takes every waiting copy of a message out; returns how many.</summary>
    internal int Cancel(int messageNumber)
    {
        int cancelled = 0;
        Queue<Waiting>? relays = _queues?[(int)FrameClass.Relay];
        for (int i = relays?.Count ?? 0; i > 0; i--)
        {
            Waiting waiting = relays!.Dequeue();
            if (waiting.Frame.MessageNumber == messageNumber)
            {
                Count(waiting.Frame, FrameClass.Relay, -1);
                cancelled++;
            }
            else
            {
                relays.Enqueue(waiting);
            }
        }

        return cancelled;
    }

    private void Count(Frame frame, FrameClass frameClass, int sign)
    {
        QueuedFrames += sign;
        if (frameClass == FrameClass.Control)
        {
            QueuedControlBytes += sign * frame.WireLength;
        }
        else
        {
            QueuedBytes += sign * frame.WireLength;
        }
    }

    private readonly record struct Waiting(Frame Frame, long Since);
}
