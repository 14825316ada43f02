namespace Pmq.Gossipsub.Protection;

/// <summary>
/// When and whom the validation queues are guarded against (libp2p specs, gossipsub red.md). While a topic's queue
/// overflows, a source's messages on that topic are taken with the probability
/// <c>(1 + deliver) / (1 + deliver + wd·duplicate + wi·ignore + wr·reject)</c>; its control is always taken.
/// </summary>
public sealed record QueueProtectionOptions
{
    /// <summary>
    /// Throttled by validated messages of a topic, from which on its queue is guarded. Above 0; default 0.33 (red.md).
    /// </summary>
    public double Threshold { get; init; } = 0.33;

    /// <summary>
    /// How long after the last message that found the queue full it is still guarded. Above 0; default 1 min (red.md).
    /// </summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Between two decays of the counters. 1 s to 1 h; default 1 s (red.md).</summary>
    public TimeSpan DecayInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Counters below it become 0. Above 0, below 1; default 0.01 (red.md).</summary>
    public double DecayToZero { get; init; } = 0.01;

    /// <summary>
    /// How long a topic's counters take from 1 to <see cref="DecayToZero"/>. At least <see cref="DecayInterval"/>;
    /// default 2 min (red.md).
    /// </summary>
    public TimeSpan GlobalDecayTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The same for the counters of a source. At least <see cref="DecayInterval"/>; default 1 h (red.md).
    /// </summary>
    public TimeSpan SourceDecayTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What a duplicate weighs against a source. 0 or more; default 0.125 (red.md).</summary>
    public double DuplicateWeight { get; init; } = 0.125;

    /// <summary>What an ignored message weighs. At least 1; default 1 (red.md).</summary>
    public double IgnoreWeight { get; init; } = 1;

    /// <summary>
    /// What a rejected message weighs. At least <see cref="IgnoreWeight"/>; default 16 (red.md).
    /// </summary>
    public double RejectWeight { get; init; } = 16;

    /// <summary>
    /// What a delivered message weighs for its source, by topic. 0 or more; default 1 for topics that are not named.
    /// </summary>
    public IReadOnlyDictionary<string, double> DeliveryWeights { get; init; } = new Dictionary<string, double>();

    /// <summary>
    /// How long a source is remembered after its last peer has gone; until then nothing of it decays. 0 to 7 days;
    /// default 6 h (red.md).
    /// </summary>
    public TimeSpan RetainSource { get; init; } = TimeSpan.FromHours(6);

    /// <summary>
    /// Sources that are remembered, connected or not: of those that are gone the first to go is forgotten when it is
    /// full; a connected one for which there is no room counts as new. 1 to 1,000,000; default 16,384 (arbitrary).
    /// </summary>
    public int MaxSources { get; init; } = 16_384;

    internal double WeightOf(string topic) =>
        DeliveryWeights.Count == 0 ? 1 : DeliveryWeights.GetValueOrDefault(topic, 1);

    /// <summary>What a counter is multiplied with at each interval, so that it takes the time down to zero.</summary>
    internal double FactorOf(TimeSpan time) => Math.Pow(DecayToZero, DecayInterval / time);
}
