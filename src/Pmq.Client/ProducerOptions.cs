namespace Pmq.Client;

/// <summary>How a producer publishes.</summary>
public sealed class ProducerOptions
{
    /// <summary>Publications under way at once; more wait. Default 1024 (arbitrary).</summary>
    public int MaxInFlight { get; set; } = 1024;
}
