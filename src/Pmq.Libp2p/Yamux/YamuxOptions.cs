namespace Pmq.Libp2p.Yamux;

/// <summary>Limits and timers of one Yamux connection.</summary>
internal sealed record YamuxOptions
{
    /// <summary>The window that every stream starts with in both directions, in bytes (yamux specification).</summary>
    public const int InitialWindowBytes = 256 * 1024;

    /// <summary>The defaults.</summary>
    public static YamuxOptions Default { get; } = new();

    /// <summary>
    /// Streams that the peer may have open at once; 1 or more. Default 512, as rust-yamux. Above it: RST.
    /// </summary>
    public int MaxInboundStreams { get; init; } = 512;

    /// <summary>
    /// Streams that we may have open at once; 1 or more. Default 1,000, what js-libp2p accepts. Above it: opening
    /// fails.
    /// </summary>
    public int MaxOutboundStreams { get; init; } = 1000;

    /// <summary>
    /// Streams of ours that the peer has not acknowledged; 1 or more. Default 256 (yamux specification). Above it:
    /// opening waits.
    /// </summary>
    public int MaxUnacknowledgedStreams { get; init; } = 256;

    /// <summary>
    /// Calls that may wait to open a stream; 0 or more. Default 4,096, arbitrary. Above it: opening fails.
    /// </summary>
    public int MaxPendingOpens { get; init; } = 4096;

    /// <summary>
    /// Inbound streams that nobody has accepted yet; 1 or more. Default 256, as go-yamux. Above it: RST.
    /// </summary>
    public int AcceptBacklog { get; init; } = 256;

    /// <summary>
    /// The largest receive window of a stream, in bytes; 256 KiB to 2^31 − 1. Default 16 MiB, as go-yamux. A window
    /// doubles when half of it was consumed within four round trips.
    /// </summary>
    public int MaxWindowBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// What the windows of a connection may grow to together beyond their initial 256 KiB each, in bytes; 0 or more.
    /// Default 64 MiB. Without room a window stays as it is.
    /// </summary>
    public long MaxWindowGrowthBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// What may be written to a stream before it is sent, in bytes; 4 KiB or more. Default 256 KiB. Above it: writing
    /// waits.
    /// </summary>
    public int StreamSendBufferBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// The same for all streams of a connection together. Default 4 MiB. Each stream may hold 4 KiB beyond it, so that
    /// streams the peer does not read cannot hold up the others for ever.
    /// </summary>
    public int ConnectionSendBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Answers owed to the peer that wait to be sent (pongs, refusals); 1 or more. Default 256. Above it: the
    /// connection ends (CVE-2024-32984).
    /// </summary>
    public int MaxOwedControlFrames { get; init; } = 256;

    /// <summary>Pings a second that the peer may send over time; above 0. Default 10.</summary>
    public double PingsPerSecond { get; init; } = 10;

    /// <summary>Pings that the peer may send at once; 1 or more. Default 20. Above it: the connection ends.</summary>
    public int PingBurst { get; init; } = 20;

    /// <summary>The time between our pings; above zero. Default 30 s, as go-yamux and js-libp2p.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long an answer to a ping, or anything else from the peer, may take; above zero. Default 10 s, as go-yamux.
    /// Then the connection ends.
    /// </summary>
    public TimeSpan PongTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long one send of at most <see cref="MaxSendBytes"/> may take; above zero. Default 10 s, as go-yamux. Then
    /// the connection ends.
    /// </summary>
    public TimeSpan WriteStallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a stream that we have half-closed and released may wait for the peer's half-close; above zero. Default
    /// 60 s, arbitrary. Then it is reset.
    /// </summary>
    public TimeSpan LingerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a closing connection tries to send its GoAway; above zero. Default 1 s, arbitrary.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How much is encrypted into one send when so much is queued, in bytes; 64 KiB or more. Default 128 KiB
    /// (measured).
    /// </summary>
    public int MaxSendBytes { get; init; } = 128 * 1024;
}
