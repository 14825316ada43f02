using Pmq.Simulation.Links;
using Pmq.Simulation.Messages;
using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Measuring;

/// <summary>
/// What a run shows: delivery, latency, meshes and bytes, over time and in all. A delivery is due to every honest node
/// that has been on the topic for <see cref="JoinGrace"/> when the message is published and stays for
/// <see cref="LeaveGrace"/>, but for its author.
/// </summary>
public sealed class Measure
{
    private readonly World _world;
    private readonly long _width;
    private readonly List<Sample> _samples = [];
    private readonly List<HonestNode> _nodes = [];
    private readonly List<Stay> _stays = [];
    private Sample? _current;

    internal Measure(World world)
    {
        _world = world;
        _width = world.Options.SampleInterval.Ticks;
        NextSampleAt = _width;
    }

    /// <summary>How long a node must have been on a topic before a message is due to it. Default 3 s.</summary>
    public TimeSpan JoinGrace { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long it must stay after. Default 5 s.</summary>
    public TimeSpan LeaveGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The stretches of the run, each <see cref="WorldOptions.SampleInterval"/> wide.</summary>
    public IReadOnlyList<Sample> Samples => _samples;

    internal long NextSampleAt { get; private set; }

    /// <summary>The sample in which the world is: <see cref="Advance"/> is called before time leaves it.</summary>
    private Sample Current => _current ??= SampleAt(NextSampleAt - 1);

    /// <summary>
    /// Works out which deliveries were due, for every sample; to be called when the run is over, or has come to rest.
    /// </summary>
    public void Settle()
    {
        foreach (Sample sample in _samples)
        {
            sample.Expected = sample.Delivered = 0;
        }

        for (int i = 0; i < _world.Messages.Count; i++)
        {
            SimMessage message = _world.Messages[i];
            if (!message.IsMeasured)
            {
                continue;
            }

            Sample sample = SampleAt(message.CreatedAt.Ticks);
            foreach (HonestNode node in Due(message))
            {
                sample.Expected++;
                sample.Delivered += message.WasDeliveredTo(node) ? 1 : 0;
            }
        }
    }

    /// <summary>The nodes to which a message was due and not delivered, with its number; at most so many.</summary>
    public IReadOnlyList<(SimMessage Message, HonestNode Node)> Losses(TimeSpan from, TimeSpan until, int limit = 100)
    {
        List<(SimMessage, HonestNode)> losses = [];
        for (int i = 0; i < _world.Messages.Count && losses.Count < limit; i++)
        {
            SimMessage message = _world.Messages[i];
            if (!message.IsMeasured || message.CreatedAt < from || message.CreatedAt >= until)
            {
                continue;
            }

            foreach (HonestNode node in Due(message))
            {
                if (!message.WasDeliveredTo(node) && losses.Count < limit)
                {
                    losses.Add((message, node));
                }
            }
        }

        return losses;
    }

    /// <summary>
    /// The samples that lie in a stretch, as one row. Calls <see cref="Settle"/>.
    /// </summary>
    public Summary Summarize(TimeSpan from, TimeSpan until)
    {
        Settle();
        LatencyHistogram latency = new();
        long published = 0, expected = 0, delivered = 0, bytes = 0, payload = 0, copies = 0, deliveries = 0;
        double least = 1, last = 1;
        foreach (Sample sample in _samples)
        {
            if (sample.From < from || sample.Until > until)
            {
                continue;
            }

            latency.Add(sample.Latency);
            published += sample.Published;
            expected += sample.Expected;
            delivered += sample.Delivered;
            bytes += sample.BytesReceived;
            payload += sample.PayloadBytesDelivered;
            copies += sample.MessagesReceived;
            deliveries += sample.Deliveries;
            last = sample.HonestMeshShare;
            least = Math.Min(least, last);
        }

        return new Summary(
            from, until, published, expected, delivered, latency,
            payload == 0 ? 0 : (double)bytes / payload,
            deliveries == 0 ? 0 : (double)copies / deliveries,
            least, last);
    }

    internal void OnPublished(HonestNode node, SimMessage message)
    {
        if (!message.IsMeasured)
        {
            message.IsMeasured = true;
            SampleAt(message.CreatedAt.Ticks).Published++;
        }
    }

    /// <summary>Notes a delivery; false if the node has the message already.</summary>
    internal bool OnDelivered(HonestNode node, SimMessage message)
    {
        TimeSpan latency = _world.Now - message.CreatedAt;
        if (!message.SetDelivered(node, latency))
        {
            return false;
        }

        if (node != message.Author)
        {
            Current.Deliveries++;
            Current.PayloadBytesDelivered += message.Size;
            if (message.IsMeasured && node.IsHonest
                && node.OnTopicSince(message.Topic) + JoinGrace <= message.CreatedAt)
            {
                SampleAt(message.CreatedAt.Ticks).Latency.Add(latency);
            }
        }

        return true;
    }

    internal void OnStart(HonestNode node)
    {
        if (node.Life == 1 && node.IsHonest)
        {
            _nodes.Add(node);
        }
    }

    internal void OnJoined(HonestNode node, string topic)
    {
        if (node.IsHonest)
        {
            _stays.Add(new Stay(node, topic, _world.Now, TimeSpan.MaxValue));
        }
    }

    internal void OnLeft(HonestNode node, string topic)
    {
        int index = _stays.FindLastIndex(stay =>
            stay.Node == node && stay.Topic == topic && stay.Until == TimeSpan.MaxValue);
        if (index >= 0)
        {
            _stays[index] = _stays[index] with { Until = _world.Now };
        }
    }

    internal void OnSent(Connection end, Frame frame)
    {
        if (end.Local.IsHonest)
        {
            Current.BytesSent += frame.WireLength;
        }
    }

    internal void OnArrived(Connection end, Frame frame, FrameClass frameClass)
    {
        if (!end.Local.IsHonest)
        {
            return;
        }

        Sample sample = Current;
        sample.BytesReceived += frame.WireLength;
        if (frame.MessageNumber >= 0)
        {
            sample.MessagesReceived++;
        }
        else if (frameClass == FrameClass.Control)
        {
            sample.ControlBytesReceived += frame.WireLength;
        }
    }

    /// <summary>Ends the samples that are over.</summary>
    internal void Advance(long now)
    {
        while (now >= NextSampleAt)
        {
            Sample ended = SampleAt(NextSampleAt - 1);
            foreach (HonestNode node in _nodes)
            {
                if (node.IsUp)
                {
                    (int honest, int other) = node.MeshCounts;
                    ended.HonestUp++;
                    ended.HonestMeshPlaces += honest;
                    ended.OtherMeshPlaces += other;
                }
            }

            NextSampleAt += _width;
            _current = null;
        }
    }

    private IEnumerable<HonestNode> Due(SimMessage message)
    {
        foreach (Stay stay in _stays)
        {
            if (stay.Node != message.Author && stay.Topic == message.Topic
                && stay.From + JoinGrace <= message.CreatedAt
                && stay.Until - LeaveGrace >= message.CreatedAt)
            {
                yield return stay.Node;
            }
        }
    }

    private Sample SampleAt(long ticks)
    {
        int index = (int)(ticks / _width);
        while (_samples.Count <= index)
        {
            _samples.Add(new Sample(
                TimeSpan.FromTicks(_samples.Count * _width), TimeSpan.FromTicks((_samples.Count + 1) * _width)));
        }

        return _samples[index];
    }

    private readonly record struct Stay(HonestNode Node, string Topic, TimeSpan From, TimeSpan Until);
}
