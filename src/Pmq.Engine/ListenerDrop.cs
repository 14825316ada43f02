namespace Pmq.Engine;

/// <summary>Why a listener did not get an accepted message.</summary>
internal enum ListenerDrop
{
    /// <summary>It reads slower than messages come: the oldest that waited went.</summary>
    QueueFull,

    /// <summary>Beyond its <c>max_rate</c>.</summary>
    Rate,
}
