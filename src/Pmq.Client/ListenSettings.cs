namespace Pmq.Client;

/// <summary>What <see cref="PmqClient.ListenAsync"/> listens to.</summary>
public sealed record ListenSettings
{
    /// <summary>The topics; empty means all that the agent is subscribed to, later ones too.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Messages a second at most; the agent drops and counts the rest. Default 0: no limit.</summary>
    public long MaxRate { get; init; }

    /// <summary>
    /// Subscribes the agent to <see cref="Topics"/> as soon as it listens, and again when the agent has restarted.
    /// Default false: listening by itself subscribes to nothing.
    /// </summary>
    public bool Subscribes { get; init; }

    /// <summary>
    /// Whether a first connection that fails is an error. Default false: the agent is waited for. Later ones are always
    /// tried again.
    /// </summary>
    public bool FailsFast { get; init; }

    /// <summary>Called each time the agent has taken the stream.</summary>
    public Action? OnConnected { get; init; }

    /// <summary>Called each time the stream is lost, with the reason.</summary>
    public Action<PmqClientException>? OnDisconnected { get; init; }

    /// <summary>
    /// Called when the agent ends the stream in order and says how many messages it dropped for this listener.
    /// </summary>
    public Action<long>? OnDropped { get; init; }
}
