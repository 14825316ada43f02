namespace Pmq.Agent.Configuration;

/// <summary>
/// A configuration that cannot be used. The message is one line that names key, value and what would be right.
/// </summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ConfigurationException(string message)
        : base(message)
    {
    }
}
