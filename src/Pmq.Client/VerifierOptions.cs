namespace Pmq.Client;

/// <summary>What a verifier judges, and how much at once.</summary>
public sealed class VerifierOptions
{
    /// <summary>
    /// The topics. Null, the default, means all; an empty list is refused, since rules that were meant for none would
    /// else judge the messages of others.
    /// </summary>
    public IReadOnlyList<string>? Topics { get; set; }

    /// <summary>
    /// Lets the agent spread one topic over several verifiers. Default false: a topic sticks to one verifier, so that
    /// its sequence state does not split.
    /// </summary>
    public bool IsStateless { get; set; }

    /// <summary>
    /// Messages judged at once; as many again are fetched ahead, more wait at the agent. 1 judges one after another, in
    /// the order of their coming. 1 to 65,536; default 256 (arbitrary). Rules that do not await run on as many threads
    /// as there are processors, whatever this says.
    /// </summary>
    public int MaxConcurrency { get; set; } = 256;

    /// <summary>
    /// How long the rules may take for one message; then their token is cancelled and the message ignored. Up to one
    /// day; default 5 s, the agent's own verdict timeout. Rules that go on regardless keep their place among
    /// <see cref="MaxConcurrency"/>.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether a first connection that fails is an error. Default false: the agent is waited for. Later ones are always
    /// tried again.
    /// </summary>
    public bool FailsFast { get; set; }

    /// <summary>
    /// Called when the rules threw, or took longer than <see cref="Timeout"/> (a <see cref="TimeoutException"/>): the
    /// message was ignored. Called concurrently. Null logs it.
    /// </summary>
    public Action<AgentMessage, Exception>? OnFault { get; set; }

    /// <summary>Called each time the agent has taken the stream.</summary>
    public Action? OnConnected { get; set; }

    /// <summary>Called each time the stream is lost, with the reason. Null logs it.</summary>
    public Action<PmqClientException>? OnDisconnected { get; set; }

    /// <summary>A copy that nobody changes any more.</summary>
    /// <exception cref="PmqClientException">An option is out of range.</exception>
    internal VerifierOptions Checked()
    {
        Check();
        return (VerifierOptions)MemberwiseClone();
    }

    /// <exception cref="PmqClientException">An option is out of range.</exception>
    internal void Check()
    {
        OptionRules.Topics(nameof(Topics), Topics);
        OptionRules.Count(nameof(MaxConcurrency), MaxConcurrency, 65_536);
        OptionRules.Span(nameof(Timeout), Timeout);
    }
}
