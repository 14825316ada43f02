namespace Pmq.Client.Verifying;

/// <summary>What is to be done with a message that the agent asks about.</summary>
internal enum Asked
{
    /// <summary>It is new: the rules are asked.</summary>
    Judge,

    /// <summary>The rules are at it since an earlier question: their verdict answers this one.</summary>
    Wait,

    /// <summary>They gave their verdict, which the agent has not had.</summary>
    Answer,
}

/// <summary>
/// Remembers the last verdicts. An agent asks again about what was not answered when a stream broke; rules with a
/// memory of their own, which have accepted a message once, would call it a repetition now.
/// </summary>
/// <param name="capacity">Verdicts remembered; the oldest goes first.</param>
/// <param name="span">How long, in ticks of the clock's timestamps.</param>
internal sealed class VerdictBook(int capacity, long span)
{
    private readonly Dictionary<(string Topic, string MessageId), Entry> _entries = [];
    private readonly Queue<((string Topic, string MessageId) Key, long Time)> _judged = new();

    /// <summary>Verdicts remembered and questions open.</summary>
    public int Count => _entries.Count;

    /// <summary>The agent asks about a message over a stream.</summary>
    public Asked Ask(AgentMessage message, VerifierStream stream, long now, out AgentVerdict verdict)
    {
        Forget(now);
        (string Topic, string MessageId) key = (message.Topic, message.MessageId);
        if (!_entries.TryGetValue(key, out Entry entry))
        {
            _entries.Add(key, new Entry(stream, null));
            verdict = default;
            return Asked.Judge;
        }

        if (entry.Verdict is { } known)
        {
            verdict = known;
            return Asked.Answer;
        }

        _entries[key] = new Entry(stream, null);
        verdict = default;
        return Asked.Wait;
    }

    /// <summary>The rules have judged; the stream that asked last.</summary>
    public VerifierStream? Judge(AgentMessage message, AgentVerdict verdict, long now)
    {
        (string Topic, string MessageId) key = (message.Topic, message.MessageId);
        VerifierStream? stream = _entries.GetValueOrDefault(key).Stream;
        _entries[key] = new Entry(null, verdict);
        _judged.Enqueue((key, now));
        Forget(now);
        return stream;
    }

    /// <summary>There will be no verdict: the question is open again.</summary>
    public void Abandon(AgentMessage message) => _entries.Remove((message.Topic, message.MessageId));

    private void Forget(long now)
    {
        while (_judged.TryPeek(out ((string Topic, string MessageId) Key, long Time) oldest)
            && (_judged.Count > capacity || now - oldest.Time > span))
        {
            _judged.Dequeue();
            _entries.Remove(oldest.Key);
        }
    }

    private readonly record struct Entry(VerifierStream? Stream, AgentVerdict? Verdict);
}
