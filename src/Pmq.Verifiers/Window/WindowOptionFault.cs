namespace Pmq.Verifiers.Window;

/// <summary>A setting of a window that does not fit.</summary>
/// <param name="Key">The setting as a networks file spells it: <c>skipThreshold</c>.</param>
/// <param name="Message">One line: key, value and what would be right.</param>
public sealed record WindowOptionFault(string Key, string Message);
