namespace Pmq.Client;

/// <summary>What a processor consumes, and how much at once.</summary>
public sealed class ProcessorOptions
{
    /// <summary>
    /// The topics; the agent is subscribed to them. Null, the default, means all that it is subscribed to; an empty
    /// list is refused.
    /// </summary>
    public IReadOnlyList<string>? Topics { get; set; }

    /// <summary>
    /// Messages processed at once. 1 to 65,536; default 1: one after another, in the order of their coming. A consumer
    /// that does not await runs on as many threads as there are processors, whatever this says.
    /// </summary>
    public int MaxConcurrency { get; set; } = 1;

    /// <summary>
    /// Messages that wait here. When it is full the agent's stream is read no further; what its own queue for this
    /// listener (<c>msgRouterQueueSize</c>) cannot hold then, the agent drops and reports. 1 to 1,048,576; default 1024
    /// (arbitrary).
    /// </summary>
    public int QueueSize { get; set; } = 1024;

    /// <summary>Messages a second at most; the agent drops and reports the rest. Default 0: no limit.</summary>
    public long MaxRate { get; set; }

    /// <summary>
    /// Whether an exception of the consumer ends <see cref="Processor.RunAsync"/> with it. Default false: it is
    /// reported, and the next message comes.
    /// </summary>
    public bool StopsOnFault { get; set; }

    /// <summary>Called when the consumer threw. Called concurrently. Null logs it.</summary>
    public Action<AgentMessage, Exception>? OnFault { get; set; }

    /// <summary>
    /// Called when the agent ends the stream in order and says how many messages it dropped for this listener. Null
    /// logs it. An agent that dies says nothing.
    /// </summary>
    public Action<long>? OnDropped { get; set; }

    /// <summary>Called each time the agent has taken the stream.</summary>
    public Action? OnConnected { get; set; }

    /// <summary>Called each time the stream is lost, with the reason. Null logs it.</summary>
    public Action<PmqClientException>? OnDisconnected { get; set; }

    /// <summary>A copy that nobody changes any more.</summary>
    /// <exception cref="PmqClientException">An option is out of range.</exception>
    internal ProcessorOptions Checked()
    {
        Check();
        return (ProcessorOptions)MemberwiseClone();
    }

    /// <exception cref="PmqClientException">An option is out of range.</exception>
    internal void Check()
    {
        OptionRules.Topics(nameof(Topics), Topics);
        OptionRules.Count(nameof(MaxConcurrency), MaxConcurrency, 65_536);
        OptionRules.Count(nameof(QueueSize), QueueSize, 1 << 20);
        OptionRules.Require(MaxRate >= 0, nameof(MaxRate), MaxRate, "0 (no limit) or more");
    }
}
