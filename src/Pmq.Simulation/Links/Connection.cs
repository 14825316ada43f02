using Pmq.Core.Hosting;
using Pmq.Gossipsub;

namespace Pmq.Simulation.Links;

/// <summary>
/// One end of a connection between two actors, as its owner sees it. What is sent here waits in three bounded queues
/// when the link or the reader is slow, by class.
/// </summary>
public sealed class Connection
{
    private readonly OutboundLane?[] _lanes = new OutboundLane?[3];

    internal Connection(Actor local, Actor remote, ConnectionDirection direction, long latency)
    {
        Local = local;
        Remote = remote;
        Direction = direction;
        Latency = latency;
        RemoteNumber = remote.Number;
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

    /// <summary>
    /// Whether the owner may send; false once it was closed here or the owner has learned that it broke.
    /// </summary>
    public bool IsOpen { get; internal set; }

    /// <summary>Whether nothing leaves this end at present: frames wait.</summary>
    public bool IsClogged { get; internal set; }

    /// <summary>
    /// Whether frames have ever waited here or before a slow reader, so that the peer learned late of what we told.
    /// </summary>
    public bool HasStalled { get; internal set; }

    /// <summary>Whether the two were connected before.</summary>
    public bool IsRenewed { get; internal set; }

    /// <summary>When the owner took the peer out of a mesh last, by its own PRUNE or by the peer's.</summary>
    internal long PrunedAt { get; set; } = long.MinValue / 2;

    /// <summary>When the owner took the peer into a mesh last.</summary>
    internal long GraftedAt { get; set; } = long.MinValue / 2;

    /// <summary>What the owner keeps for the peer. The world never touches it.</summary>
    public object? State { get; set; }

    /// <summary>Bytes that wait here in one class.</summary>
    public long QueuedBytes(FrameClass frameClass) => _lanes[(int)frameClass]?.Bytes ?? 0;

    /// <summary>Frames that wait here, of all classes.</summary>
    public int QueuedFrames { get; private set; }

    /// <summary>Frames that were dropped for the peer's slowness since its owner last asked.</summary>
    internal int SlowDrops { get; set; }

    // What a frame on its way needs of the other actor stands here: a look at each of a thousand actors costs more than
    // all that is done to the frame.
    internal int RemoteNumber { get; }

    internal long? ReaderBytesPerSecond { get; set; }

    internal long Latency { get; }

    internal long LastArrival { get; set; }

    /// <summary>Until when the reader at the other end has work with what is under way.</summary>
    internal long ReaderFreeAt { get; set; }

    /// <summary>Whether an event will look at the queue.</summary>
    internal bool IsPumping { get; set; }

    internal void Enqueue(Frame frame, FrameClass frameClass, long now)
    {
        (_lanes[(int)frameClass] ??= new OutboundLane()).Add(frame, now);
        QueuedFrames++;
        HasStalled = true;
    }

    /// <summary>The next frame of the least class that has one.</summary>
    internal bool TryDequeue(out Frame frame, out FrameClass frameClass, out long since)
    {
        for (int i = 0; QueuedFrames > 0 && i < _lanes.Length; i++)
        {
            if (_lanes[i] is { } lane && lane.TryTake(out frame, out since))
            {
                frameClass = (FrameClass)i;
                QueuedFrames--;
                return true;
            }
        }

        (frame, frameClass, since) = (null!, default, 0);
        return false;
    }

    /// <summary>Takes the first frame of a class, if it has waited since before a time.</summary>
    internal bool TryDequeueStale(FrameClass frameClass, long before, out Frame frame)
    {
        if (_lanes[(int)frameClass] is { } lane && lane.Since < before && lane.TryTake(out frame, out _))
        {
            QueuedFrames--;
            return true;
        }

        frame = null!;
        return false;
    }

    /// <summary>Takes the waiting copies of a message out, of either class; returns how many.</summary>
    internal int Cancel(int messageNumber)
    {
        int cancelled = 0;
        for (int i = (int)FrameClass.Publish; QueuedFrames > 0 && i < _lanes.Length; i++)
        {
            cancelled += _lanes[i]?.Remove(messageNumber) ?? 0;
        }

        QueuedFrames -= cancelled;
        return cancelled;
    }

    /// <summary>Whether a message waits here, in either class.</summary>
    internal bool IsWaiting(int messageNumber) =>
        QueuedFrames > 0 && messageNumber >= 0
        && (_lanes[(int)FrameClass.Publish]?.Contains(messageNumber) == true
            || _lanes[(int)FrameClass.Relay]?.Contains(messageNumber) == true);
}
