namespace Pmq.Engine.Validation;

/// <summary>
/// Messages under examination by when their time is up. One line for each length of time, so that each is in order by
/// itself; there are as many lengths as the configuration names.
/// </summary>
internal sealed class Deadlines
{
    private readonly Dictionary<TimeSpan, LinkedList<VerificationRequest>> _lines = [];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The one whose time is up first; null if there is none.</summary>
    public VerificationRequest? First
    {
        get
        {
            VerificationRequest? first = null;
            foreach (LinkedList<VerificationRequest> line in _lines.Values)
            {
                if (line.First is { } node && (first is null || node.Value.Deadline < first.Deadline
                    || (node.Value.Deadline == first.Deadline && node.Value.Sequence < first.Sequence)))
                {
                    first = node.Value;
                }
            }

            return first;
        }
    }

    /// <summary>Adds a message that was admitted now.</summary>
    public void Add(VerificationRequest request, TimeSpan timeout, TimeSpan now)
    {
        if (!_lines.TryGetValue(timeout, out LinkedList<VerificationRequest>? line))
        {
            line = new LinkedList<VerificationRequest>();
            _lines.Add(timeout, line);
        }

        request.Deadline = now + timeout;
        line.AddLast(request.DeadlineNode);
        Count++;
    }

    /// <summary>Takes one out.</summary>
    public void Remove(VerificationRequest request)
    {
        request.DeadlineNode.List!.Remove(request.DeadlineNode);
        Count--;
    }
}
