namespace Pmq.Client;

/// <summary>What a processor consumes, and how much at once.</summary>
public sealed class ProcessorOptions
{
    /// <summary>The topics; the agent is subscribed to them. Empty means all that it is subscribed to.</summary>
    public IReadOnlyList<string> Topics { get; set; } = [];

    /// <summary>Messages processed at once. Default 1: one after another, in the order of their coming.</summary>
    public int MaxConcurrency { get; set; } = 1;
}
