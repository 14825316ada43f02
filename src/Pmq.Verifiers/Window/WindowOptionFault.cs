namespace Pmq.Verifiers.Window;

/// <summary>A setting of a window that does not fit.</summary>
/// <param name="Option">The option of <see cref="WindowOptions"/>.</param>
/// <param name="Message">One line: option, value and what would be right.</param>
public sealed record WindowOptionFault(string Option, string Message);
