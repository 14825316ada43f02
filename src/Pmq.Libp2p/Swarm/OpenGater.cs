namespace Pmq.Libp2p.Swarm;

/// <summary>The gater that lets everybody through.</summary>
internal sealed class OpenGater : IConnectionGater
{
    /// <summary>The one instance.</summary>
    public static OpenGater Instance { get; } = new();
}
