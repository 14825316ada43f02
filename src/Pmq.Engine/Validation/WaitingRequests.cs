namespace Pmq.Engine.Validation;

/// <summary>
/// The messages of one topic that wait for a verifier. Their origins take turns, so that one that floods waits for
/// itself; what one origin handed over is asked in order. Any can be taken out.
/// </summary>
internal sealed class WaitingRequests
{
    // Stands for our own messages.
    private static readonly object Ourselves = new();

    private readonly Dictionary<object, Line> _lines = new(ReferenceEqualityComparer.Instance);
    private readonly LinkedList<Line> _round = new();

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>Puts a message where its sequence says: last, unless it had been asked and comes back.</summary>
    public void Add(VerificationRequest request)
    {
        object origin = request.Origin ?? Ourselves;
        if (!_lines.TryGetValue(origin, out Line? line))
        {
            line = new Line(origin);
            _lines.Add(origin, line);
            _round.AddLast(line.Node);
        }

        LinkedListNode<VerificationRequest>? before = line.Requests.Last;
        if (before is null || before.Value.Sequence < request.Sequence)
        {
            line.Requests.AddLast(request.WaitingNode);
        }
        else
        {
            // What comes back is older than what waits: it is quickest found from the head.
            LinkedListNode<VerificationRequest> after = line.Requests.First!;
            while (after.Value.Sequence < request.Sequence)
            {
                after = after.Next!;
            }

            line.Requests.AddBefore(after, request.WaitingNode);
        }

        Count++;
    }

    /// <summary>Takes a message out that waits.</summary>
    public void Remove(VerificationRequest request)
    {
        Line line = _lines[request.Origin ?? Ourselves];
        line.Credit = request.WaitingNode == line.Requests.First ? 0 : line.Credit;
        line.Requests.Remove(request.WaitingNode);
        Count--;
        if (line.Requests.Count == 0)
        {
            _lines.Remove(line.Origin);
            _round.Remove(line.Node);
        }
    }

    /// <summary>
    /// Gives a turn to the next origin; its first message, if that has had as many as it costs, else null. Something
    /// must wait.
    /// </summary>
    public VerificationRequest? TakeTurn()
    {
        Line line = _round.First!.Value;
        VerificationRequest first = line.Requests.First!.Value;
        _round.Remove(line.Node);
        _round.AddLast(line.Node);
        if (++line.Credit < first.Turns)
        {
            return null;
        }

        Remove(first);
        return first;
    }

    /// <summary>Takes the next message, however many turns it costs. Something must wait.</summary>
    public VerificationRequest Take()
    {
        while (true)
        {
            if (TakeTurn() is { } taken)
            {
                return taken;
            }
        }
    }

    private sealed class Line
    {
        public Line(object origin)
        {
            Origin = origin;
            Node = new LinkedListNode<Line>(this);
        }

        public object Origin { get; }

        public LinkedListNode<Line> Node { get; }

        public LinkedList<VerificationRequest> Requests { get; } = new();

        /// <summary>Turns that the first message has had.</summary>
        public int Credit { get; set; }
    }
}
