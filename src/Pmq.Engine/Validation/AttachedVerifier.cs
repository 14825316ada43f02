namespace Pmq.Engine.Validation;

/// <summary>A verifier as the router sees it.</summary>
internal sealed class AttachedVerifier
{
    private readonly HashSet<string>? _topics;
    private readonly HashSet<VerifiedTopic> _isReady = [];

    public AttachedVerifier(long id, IReadOnlyCollection<string> topics, bool isStateless, int maxInFlight)
    {
        Id = id;
        IsStateless = isStateless;
        MaxInFlight = maxInFlight;
        _topics = topics.Count == 0 ? null : new HashSet<string>(topics, StringComparer.Ordinal);
    }

    /// <summary>Rises with attachment.</summary>
    public long Id { get; }

    public bool IsStateless { get; }

    public int MaxInFlight { get; }

    /// <summary>Topics that stick to it.</summary>
    public int TopicCount { get; set; }

    /// <summary>What it was asked and has not judged, by sequence.</summary>
    public Dictionary<long, VerificationRequest> InFlight { get; } = [];

    public bool HasRoom => InFlight.Count < MaxInFlight;

    /// <summary>Topics whose messages wait for room here, each in turn.</summary>
    public Queue<VerifiedTopic> Ready { get; } = new();

    public bool Serves(string topic) => _topics is null || _topics.Contains(topic);

    public void MarkReady(VerifiedTopic topic)
    {
        if (_isReady.Add(topic))
        {
            Ready.Enqueue(topic);
        }
    }

    public VerifiedTopic TakeReady()
    {
        VerifiedTopic topic = Ready.Dequeue();
        _isReady.Remove(topic);
        return topic;
    }
}
