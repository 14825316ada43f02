namespace Pmq.Engine;

/// <summary>An option is out of range or contradicts another.</summary>
public sealed class PmqOptionsException : Exception
{
    /// <summary>Creates the exception; the message names the key, the value and what would be right.</summary>
    public PmqOptionsException(string key, string message)
        : base(message) => Key = key;

    /// <summary>The option's key as in the configuration file, as <c>pubsub.overlay.d</c>.</summary>
    public string Key { get; }
}
