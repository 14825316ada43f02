namespace Pmq.Simulation.Links;

/// <summary>
/// Frames of the whole world. Each one that was sent has arrived, was dropped, waits, or is under way.
/// </summary>
public sealed class FrameCounters
{
    private readonly long[] _drops = new long[Enum.GetValues<FrameDrop>().Length];
    private readonly long[] _messageDrops = new long[Enum.GetValues<FrameDrop>().Length];

    /// <summary>Frames that were handed to connections.</summary>
    public long Offered { get; internal set; }

    /// <summary>Frames that arrived.</summary>
    public long Arrived { get; internal set; }

    /// <summary>Frames that wait in queues.</summary>
    public long Waiting { get; internal set; }

    /// <summary>Frames under way.</summary>
    public long UnderWay { get; internal set; }

    /// <summary>Frames that went nowhere, by reason.</summary>
    public long Drops(FrameDrop reason) => _drops[(int)reason];

    /// <summary>Those of them that carried a message of the ledger.</summary>
    public long MessageDrops(FrameDrop reason) => _messageDrops[(int)reason];

    /// <summary>Connections that were closed since control piled up.</summary>
    public long ControlOverflows { get; internal set; }

    internal void Drop(FrameDrop reason, Frame frame)
    {
        _drops[(int)reason]++;
        if (frame.MessageNumber >= 0)
        {
            _messageDrops[(int)reason]++;
        }
    }
}
