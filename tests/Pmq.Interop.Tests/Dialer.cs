namespace Pmq.Interop.Tests;

/// <summary>Which side opens the connection of a test.</summary>
public enum Dialer
{
    /// <summary>We do.</summary>
    Ours,

    /// <summary>js does.</summary>
    Js,
}
