namespace Pmq.Core.Hosting;

/// <summary>Who opened a connection or a stream.</summary>
public enum ConnectionDirection
{
    /// <summary>The peer did.</summary>
    Inbound,

    /// <summary>We did.</summary>
    Outbound,
}
