namespace Pmq.Gossipsub;

/// <summary>An option that is out of range or contradicts another.</summary>
/// <param name="Key">Its key in the configuration file, as <c>pubsub.overlay.d</c>.</param>
/// <param name="Message">One line: the key, its value and what would be right.</param>
public readonly record struct OptionFault(string Key, string Message);
