namespace Pmq.Libp2p.Yamux;

/// <summary>
/// What a <see cref="YamuxSession"/> knows of one stream. Everything but the id belongs to the session.
/// </summary>
internal sealed class YamuxStreamState
{
    internal YamuxStreamState(uint id, bool isOutbound, TimeSpan now)
    {
        Id = id;
        IsOutbound = isOutbound;
        LastWindowUpdate = now;
    }

    /// <summary>The id on the wire.</summary>
    public uint Id { get; }

    /// <summary>Whether we opened it.</summary>
    public bool IsOutbound { get; }

    /// <summary>Whatever the driver ties to the stream.</summary>
    public object? Owner { get; set; }

    /// <summary>Bytes that we may still send.</summary>
    public long SendWindow { get; internal set; } = YamuxOptions.InitialWindowBytes;

    /// <summary>Bytes that the peer may still send.</summary>
    public long ReceiveWindow { get; internal set; } = YamuxOptions.InitialWindowBytes;

    /// <summary>The size to which credit fills the receive window.</summary>
    public long WindowSize { get; internal set; } = YamuxOptions.InitialWindowBytes;

    /// <summary>Bytes that frames have announced and the application has not consumed.</summary>
    public long Unread { get; internal set; }

    /// <summary>Bytes in the send buffer, be they reserved, queued or being framed.</summary>
    public int Buffered { get; internal set; }

    /// <summary>Bytes queued to be framed.</summary>
    public int Queued { get; internal set; }

    /// <summary>Whether the peer has half-closed.</summary>
    public bool RemoteClosed { get; internal set; }

    /// <summary>Whether we half-closed; the FIN may still be waiting.</summary>
    public bool WriteClosed { get; internal set; }

    /// <summary>Whether the stream was reset by either side.</summary>
    public bool IsReset { get; internal set; }

    /// <summary>Whether nothing more will be sent or received for it.</summary>
    public bool IsGone { get; internal set; }

    internal TimeSpan LastWindowUpdate { get; set; }

    internal long Consumed { get; set; }

    internal long Credit { get; set; }

    internal bool SynPending { get; set; }

    internal bool AckPending { get; set; }

    internal bool Unacknowledged { get; set; }

    internal bool FinSent { get; set; }

    internal bool ControlReady { get; set; }

    internal bool DataReady { get; set; }

    internal bool InBacklog { get; set; }

    internal bool IsReleased { get; set; }

    internal TimeSpan ReleasedAt { get; set; }
}
