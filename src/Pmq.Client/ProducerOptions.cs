namespace Pmq.Client;

/// <summary>How a producer publishes.</summary>
public sealed class ProducerOptions
{
    /// <summary>Publications under way at once; more wait. 1 to 1,048,576; default 1024 (arbitrary).</summary>
    public int MaxInFlight { get; set; } = 1024;

    /// <summary>
    /// How long a publication may take in all, the wait for its turn and for an agent that is away included. Up to one
    /// day; default 30 s (arbitrary: an agent restarts in a few seconds).
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A copy that nobody changes any more.</summary>
    /// <exception cref="PmqClientException">An option is out of range.</exception>
    internal ProducerOptions Checked()
    {
        Check();
        return (ProducerOptions)MemberwiseClone();
    }

    /// <exception cref="PmqClientException">An option is out of range.</exception>
    internal void Check()
    {
        OptionRules.Count(nameof(MaxInFlight), MaxInFlight, 1 << 20);
        OptionRules.Span(nameof(Timeout), Timeout);
    }
}
