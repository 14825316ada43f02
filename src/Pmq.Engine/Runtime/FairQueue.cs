namespace Pmq.Engine.Runtime;

/// <summary>
/// Items of many topics and origins. The topics take turns, and the origins on each topic take turns in those of the
/// topic; what one origin put in on one topic leaves in order. A turn is worth <see cref="Turns.PieceBytes"/> (deficit
/// round robin with a quantum of one turn). Unbounded: what goes in is bounded elsewhere. One owner at a time.
/// </summary>
internal sealed class FairQueue<T>
{
    private const int MaxSpare = 64;

    // Stands for our own messages.
    private static readonly object Ourselves = new();

    private readonly Dictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    private readonly Queue<Topic> _round = new();
    private readonly Stack<Topic> _spareTopics = new();
    private readonly Stack<Line> _spareLines = new();

    /// <summary>Items that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Puts an item last in its line.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="origin">Who handed it over, by reference; null for ourselves.</param>
    /// <param name="item">The item.</param>
    /// <param name="turns">What it costs, see <see cref="Turns.Of"/>.</param>
    public void Enqueue(string topic, object? origin, T item, int turns)
    {
        if (!_topics.TryGetValue(topic, out Topic? found))
        {
            if (!_spareTopics.TryPop(out found))
            {
                found = new Topic();
            }

            found.Name = topic;
            _topics.Add(topic, found);
            _round.Enqueue(found);
        }

        object key = origin ?? Ourselves;
        if (!found.Lines.TryGetValue(key, out Line? line))
        {
            if (!_spareLines.TryPop(out line))
            {
                line = new Line();
            }

            line.Origin = key;
            found.Lines.Add(key, line);
            found.Round.Enqueue(line);
        }

        line.Items.Enqueue((item, turns));
        Count++;
    }

    /// <summary>Takes the item whose turn it is; false when nothing waits.</summary>
    public bool TryDequeue(out T item)
    {
        while (_round.TryDequeue(out Topic? topic))
        {
            bool isTaken = TryTakeTurn(topic, out item);
            if (topic.Round.Count > 0)
            {
                _round.Enqueue(topic);
            }
            else
            {
                _topics.Remove(topic.Name);
                Keep(_spareTopics, topic);
            }

            if (isTaken)
            {
                return true;
            }
        }

        item = default!;
        return false;
    }

    private bool TryTakeTurn(Topic topic, out T item)
    {
        Line line = topic.Round.Dequeue();
        (item, int turns) = line.Items.Peek();
        bool isPaid = ++line.Credit >= turns;
        if (isPaid)
        {
            line.Items.Dequeue();
            line.Credit = 0;
            Count--;
        }

        if (line.Items.Count > 0)
        {
            topic.Round.Enqueue(line);
        }
        else
        {
            topic.Lines.Remove(line.Origin);
            line.Origin = Ourselves;
            Keep(_spareLines, line);
        }

        return isPaid;
    }

    // So that a line that empties with each message costs no allocation.
    private static void Keep<TSpare>(Stack<TSpare> spare, TSpare one)
    {
        if (spare.Count < MaxSpare)
        {
            spare.Push(one);
        }
    }

    private sealed class Topic
    {
        public string Name { get; set; } = "";

        public Dictionary<object, Line> Lines { get; } = new(ReferenceEqualityComparer.Instance);

        /// <summary>The lines with items, the next one first.</summary>
        public Queue<Line> Round { get; } = new();
    }

    private sealed class Line
    {
        public object Origin { get; set; } = Ourselves;

        public Queue<(T Item, int Turns)> Items { get; } = new();

        /// <summary>Turns that its first item has had.</summary>
        public int Credit { get; set; }
    }
}
