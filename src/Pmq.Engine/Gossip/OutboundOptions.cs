namespace Pmq.Engine.Gossip;

/// <summary>The bounds of what waits for one peer.</summary>
internal sealed record OutboundOptions
{
    /// <summary>
    /// Bytes of our own publications, with <see cref="OutboundLane.SlotBytes"/> for each; one message always fits.
    /// </summary>
    public required int PublishBytes { get; init; }

    /// <summary>The same of what is passed on, and of answers to IWANT.</summary>
    public required int RelayBytes { get; init; }

    /// <summary>
    /// Bytes of control that wait for one peer. More means that it does not read: it is disconnected.
    /// </summary>
    public int ControlBytes { get; init; } = 1024 * 1024;

    /// <summary>How long a publication may wait before it is dropped. Default 5 s (rust-libp2p).</summary>
    public TimeSpan PublishDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a relay or an answer may wait before it is dropped. Default 1 s (rust-libp2p).</summary>
    public TimeSpan RelayDeadline { get; init; } = TimeSpan.FromSeconds(1);
}
