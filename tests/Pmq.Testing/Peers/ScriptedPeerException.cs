namespace Pmq.Testing.Peers;

/// <summary>A scripted peer answered a request with an error.</summary>
public sealed class ScriptedPeerException(string name, string message) : Exception($"{name}: {message}")
{
    /// <summary>The name of the error, as <c>UnsupportedProtocolError</c>.</summary>
    public string Name { get; } = name;
}
