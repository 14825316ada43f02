using System.Text;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Effects;

namespace Pmq.Gossipsub.Tests.Simulation;

/// <summary>
/// Routers joined by links with latency and loss, in virtual time. One seed gives one run: events are ordered by time,
/// then by the order in which they were scheduled.
/// </summary>
internal sealed class Network(ulong seed, GossipsubOptions? options = null)
{
    private readonly PriorityQueue<Action, (TimeSpan Due, long Order)> _events = new();
    private readonly Dictionary<(Node, Node), TimeSpan> _lastArrival = [];
    private readonly StringBuilder _trace = new();
    private readonly SeededChance _chance = new(seed);
    private long _order;

    public Chance Chance => _chance;

    public GossipsubOptions Options { get; } = options ?? new GossipsubOptions();

    public TimeSpan Now { get; private set; }

    public List<Node> Nodes { get; } = [];

    /// <summary>The part of payload RPCs that is lost, as by a full queue. Control never is.</summary>
    public double PayloadLoss { get; set; }

    /// <summary>Payload RPCs sent.</summary>
    public int PayloadSent { get; private set; }

    /// <summary>What happened, in order.</summary>
    public string TraceText => _trace.ToString();

    public Node Add(PubsubProtocol protocol = PubsubProtocol.Meshsub12)
    {
        Node node = new(this, Nodes.Count, Options) { Protocol = protocol };
        Nodes.Add(node);

        // Each node's heartbeat has a phase of its own, as machines have.
        Schedule(_chance.NextTimeSpan(TimeSpan.Zero, Options.HeartbeatInterval), () => Beat(node));
        return node;
    }

    public Node[] Add(int count) => [.. Enumerable.Range(0, count).Select(_ => Add())];

    public void Connect(Node dialer, Node listener)
    {
        if (dialer != listener && !dialer.IsConnectedTo(listener))
        {
            dialer.Connected(listener, ConnectionDirection.Outbound);
            listener.Connected(dialer, ConnectionDirection.Inbound);
        }
    }

    /// <summary>Connects to a peer that a router wants, 20 ms later.</summary>
    public void Connect(Node dialer, ConnectTarget target)
    {
        if (Nodes.Find(node => node.Id.Equals(target.Peer)) is { } node)
        {
            Schedule(TimeSpan.FromMilliseconds(20), () => Connect(dialer, node));
        }
    }

    public void Disconnect(Node a, Node b)
    {
        a.Disconnected(b);
        b.Disconnected(a);
    }

    /// <summary>Connects each node to that many others by lot, and all into one piece.</summary>
    public void ConnectAtRandom(int degree)
    {
        for (int i = 0; i < Nodes.Count; i++)
        {
            Connect(Nodes[i], Nodes[(i + 1) % Nodes.Count]);
            for (int k = 1; k < degree; k++)
            {
                Connect(Nodes[i], Nodes[_chance.NextInt32(Nodes.Count)]);
            }
        }
    }

    public void Send(Node from, Node to, byte[] frames, bool isPayload)
    {
        PayloadSent += isPayload ? 1 : 0;
        if (isPayload && _chance.NextDouble() < PayloadLoss)
        {
            return;
        }

        // 5 to 50 ms, in order on each link.
        TimeSpan arrival = Now + _chance.NextTimeSpan(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50));
        if (_lastArrival.TryGetValue((from, to), out TimeSpan last) && arrival < last)
        {
            arrival = last;
        }

        _lastArrival[(from, to)] = arrival;
        Trace(from, "send", $"{to.Number} {Digest(frames)}");
        ScheduleAt(arrival, () => to.Receive(from, frames));
    }

    public void Schedule(TimeSpan delay, Action action) => ScheduleAt(Now + delay, action);

    public void Run(TimeSpan time)
    {
        TimeSpan until = Now + time;
        while (_events.TryPeek(out _, out (TimeSpan Due, long Order) next) && next.Due <= until)
        {
            Action action = _events.Dequeue();
            Now = next.Due;
            action();
        }

        Now = until;
    }

    public void Run(double seconds) => Run(TimeSpan.FromSeconds(seconds));

    public void Trace(Node node, string what, string detail) => _trace.AppendLine(
        System.Globalization.CultureInfo.InvariantCulture, $"{Now.Ticks} {node.Number} {what} {detail}");

    private static string Digest(byte[] frames) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(frames).AsSpan(0, 4));

    private void ScheduleAt(TimeSpan due, Action action) => _events.Enqueue(action, (due, _order++));

    private void Beat(Node node)
    {
        node.Heartbeat();
        Schedule(Options.HeartbeatInterval, () => Beat(node));
    }
}
