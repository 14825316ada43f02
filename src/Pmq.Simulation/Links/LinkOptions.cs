namespace Pmq.Simulation.Links;

/// <summary>How links carry frames.</summary>
public sealed record LinkOptions
{
    /// <summary>One way, of each connection. Default 25 ms.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Each frame takes up to this part of the latency less or more. 0 to 1; default 0.1.</summary>
    public double Jitter { get; init; } = 0.1;

    /// <summary>
    /// Whether frames may overtake each other on one connection, as on streams of their own; default false: as on one
    /// stream.
    /// </summary>
    public bool Reorder { get; init; }

    /// <summary>
    /// Bytes a second that a node sends, over all its connections; 0 means no limit. Default 0.
    /// </summary>
    public long UplinkBytesPerSecond { get; init; }

    /// <summary>
    /// Bytes that the node's sockets and streams take at once before frames wait in the peer's queue, where classes
    /// and cancelling count. Default 64 KiB (arbitrary).
    /// </summary>
    public int SendBufferBytes { get; init; } = 64 * 1024;

    /// <summary>
    /// Bytes under way to a peer that does not read, or is clogged, before frames wait. Default 256 KiB (a Yamux
    /// window).
    /// </summary>
    public int WindowBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// The part of frames whose packets are lost: they, and what follows them, come later by
    /// <see cref="RetransmissionDelay"/>. 0 to 1; default 0. TCP loses no frame.
    /// </summary>
    public double PacketLoss { get; init; }

    /// <summary>Default 200 ms (the least of Linux).</summary>
    public TimeSpan RetransmissionDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Connections that break, of each one in an hour, on average. Default 0.</summary>
    public double BreaksPerHour { get; init; }

    /// <summary>Bytes of own publications that wait for one peer; more are dropped. Default 4 MiB.</summary>
    public int PublishQueueBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Bytes of relayed messages that wait for one peer; more are dropped. Default 4 MiB.</summary>
    public int RelayQueueBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Control bytes that wait for one peer; beyond it the connection is closed. Default 1 MiB.</summary>
    public int ControlQueueBytes { get; init; } = 1024 * 1024;

    /// <summary>How long an own publication may wait in a peer's queue. Default 5 s.</summary>
    public TimeSpan PublishDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a relayed message may wait in a peer's queue. Default 1 s.</summary>
    public TimeSpan RelayDeadline { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>From a dial to the first frame, in latencies. Default 3: TCP, Noise, stream.</summary>
    public double HandshakeLatencies { get; init; } = 3;

    /// <summary>
    /// After how long a partitioned connection, or one to a crashed machine, is given up. Default 15 s.
    /// </summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(15);
}
