namespace Pmq.Client;

/// <summary>What <see cref="PmqClient.VerifyAsync"/> judges.</summary>
public sealed record VerifySettings
{
    /// <summary>The topics; empty means all.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>
    /// Lets the agent spread one topic over several verifiers. Default false: a topic sticks to one verifier, so that
    /// its sequence state does not split.
    /// </summary>
    public bool IsStateless { get; init; }

    /// <summary>
    /// Whether a first connection that fails is an error. Default false: the agent is waited for. Later ones are always
    /// tried again.
    /// </summary>
    public bool FailsFast { get; init; }

    /// <summary>Called each time the agent has taken the stream.</summary>
    public Action? OnConnected { get; init; }

    /// <summary>Called each time the stream is lost, with the reason.</summary>
    public Action<PmqClientException>? OnDisconnected { get; init; }
}
