using Pmq.Core.Runtime;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Simulation.Links;
using Pmq.Simulation.Measuring;
using Pmq.Simulation.Messages;

namespace Pmq.Simulation.Nodes;

/// <summary>
/// An honest participant: the router that production runs, with a model of its driver's queues and of the node's
/// verifier.
/// </summary>
public partial class HonestNode : Actor
{
    private const int HeartbeatTimer = 0;
    private const int VerdictTimer = 1;
    private const int SignatureTimer = 2;
    private const int RedialTimer = 3;
    private const int TimeoutTimer = 4;

    private readonly EffectList _effects = new();
    private readonly Dictionary<string, TimeSpan> _topics = new(StringComparer.Ordinal);

    /// <summary>A node that is down until the world starts it.</summary>
    public HonestNode(NodeOptions? options = null) => Options = options ?? new NodeOptions();

    /// <summary>How it runs.</summary>
    public NodeOptions Options { get; }

    /// <inheritdoc />
    public override bool IsHonest => true;

    /// <summary>Its router; not null once it was started. To be looked at, not to be called.</summary>
    public GossipsubRouter Router { get; private set; } = null!;

    /// <summary>Since when its router has been running.</summary>
    internal TimeSpan RouterSince { get; private set; }

    /// <summary>Whom it dials at its start, and again when it loses them.</summary>
    public List<Actor> DialTargets { get; } = [];

    /// <summary>The router's peer at the other end of one of its open connections.</summary>
    public static GossipPeer PeerOf(Connection connection) => (GossipPeer)connection.State!;

    /// <summary>The connection of one of its router's peers.</summary>
    public static Connection ConnectionOf(GossipPeer peer) => (Connection)peer.DriverState!;

    /// <summary>The topics that it is on.</summary>
    public IReadOnlyCollection<string> JoinedTopics => _topics.Keys;

    /// <summary>Since when it has been on a topic in this life; the end of time if it is not.</summary>
    public TimeSpan OnTopicSince(string topic) =>
        _topics.TryGetValue(topic, out TimeSpan since) ? since : TimeSpan.MaxValue / 2;

    /// <summary>Joins a topic.</summary>
    public JoinOutcome Join(string topic)
    {
        JoinOutcome outcome = Router.Join(topic, Now, _effects);
        if (outcome == JoinOutcome.Joined)
        {
            NoteTopic(topic);
        }

        EndTurn();
        return outcome;
    }

    /// <summary>Leaves a topic.</summary>
    public bool Leave(string topic)
    {
        bool left = Router.Leave(topic, Now, _effects);
        if (left)
        {
            _topics.Remove(topic);
            World.Measure.OnLeft(this, topic);
        }

        EndTurn();
        return left;
    }

    /// <summary>Closes one of its connections, as a driver does that has reason to.</summary>
    public void Disconnect(Connection connection)
    {
        Forget(connection);
        EndTurn();
    }

    /// <summary>Makes a message of the ledger and publishes it.</summary>
    public PublishResult Publish(string topic, int size) =>
        Publish(World.Messages.Create(topic, size, this, MessageTruth.Accept, Now));

    /// <summary>Publishes a message of the ledger, perhaps again.</summary>
    public PublishResult Publish(SimMessage message)
    {
        GossipMessage publication = MessageLedger.ToGossip(message);
        World.Trace.Add(World.NowTicks, Number, TraceStep.Publish, message.Number);
        World.Measure.OnPublished(this, message);
        PublishReceipt receipt = Router.Publish(publication, Now, _effects);
        World.Follow(message.Number, this, $"publishes it to {receipt.Recipients} peers");
        _publishDrops = 0;
        EndTurn();
        int dropped = _publishDrops;
        if (receipt.Recipients > 0 && dropped == receipt.Recipients)
        {
            Router.OnPublishUnsent(publication, Now);
        }

        return new PublishResult(message, receipt.Recipients, dropped);
    }

    /// <inheritdoc />
    protected internal override void OnStart()
    {
        World.Measure.OnStart(this);
        if (Router is null || !Options.KeepsRouter)
        {
            Router = NewRouter();
            RouterSince = Now;
            ResetMesh();
            ResetVerifier();
            foreach (string topic in Options.Topics)
            {
                Invariant.Check(Router.Join(topic, Now, _effects) == JoinOutcome.Joined);
            }
        }

        foreach (string topic in Router.Topics)
        {
            NoteTopic(topic);
        }

        EndTurn();
        SetTimer(Router.NextHeartbeat - Now, HeartbeatTimer);
        foreach (Actor target in DialTargets)
        {
            Dial(target);
        }
    }

    /// <inheritdoc />
    protected internal override void OnStop()
    {
        foreach (string topic in _topics.Keys)
        {
            World.Measure.OnLeft(this, topic);
        }

        _topics.Clear();
        if (!Options.KeepsRouter)
        {
            return;
        }

        foreach (Connection connection in Connections)
        {
            Router.RemovePeer(PeerOf(connection), Now, _effects);
        }

        LoseVerdicts();
        EndTurn();
    }

    /// <inheritdoc />
    protected internal override bool Accepts(Actor dialer) => Connections.Count < Options.MaxConnections;

    /// <inheritdoc />
    protected internal override void OnConnected(Connection connection)
    {
        GossipPeer peer = Router.AddPeer(
            connection.Remote.Id, connection.Protocol, connection.Direction, Now, _effects);
        peer.DriverState = connection;
        connection.State = peer;
        Router.SetAddresses(peer, [connection.Remote.Address!]);
        EndTurn();
    }

    /// <inheritdoc />
    protected internal override void OnDisconnected(Connection connection)
    {
        Router.RemovePeer(PeerOf(connection), Now, _effects);
        EndTurn();
        Redial(connection.Remote);
    }

    /// <inheritdoc />
    protected internal override void OnDialFailed(Actor other) => Redial(other);

    /// <inheritdoc />
    protected internal override void OnFrame(Connection from, Frame frame, FrameClass frameClass)
    {
        RpcViolation violation = World.Scan(frame, out RpcView view);
        GossipPeer peer = PeerOf(from);
        if (violation == RpcViolation.None)
        {
            // An RPC without messages can only cost its sender.
            double before = view.HasPayload ? 0 : World.Checkers.ScoreBefore(this, peer);
            Router.HandleRpc(peer, view, Now, _effects);
            if (!view.HasPayload && HasPenalty())
            {
                World.Checkers.AfterPenalty(this, peer, before);
            }
        }
        else
        {
            Router.HandleViolation(peer, violation, _effects);
        }

        EndTurn();
    }

    /// <inheritdoc />
    protected internal override void OnTimer(int timer, object? state)
    {
        switch (timer)
        {
            case HeartbeatTimer:
                TellSlowPeers();
                Router.Heartbeat(Now, _effects);
                EndTurn();
                World.Checkers.AfterHeartbeat(this);
                SetTimer(Router.NextHeartbeat - Now, HeartbeatTimer);
                break;
            case VerdictTimer:
                OnJudged((GossipMessage)state!);
                break;
            case SignatureTimer:
                OnSignatureChecked((GossipMessage)state!);
                break;
            case TimeoutTimer:
                OnTimedOut((GossipMessage)state!);
                break;
            case RedialTimer:
                Dial((Actor)state!);
                break;
        }
    }

    /// <summary>A fresh router, at each start.</summary>
    private protected virtual GossipsubRouter NewRouter() =>
        new(Options.Gossipsub ?? World.Options.Gossipsub, Id, Chance.Fork("router"), Now);

    private bool HasPenalty()
    {
        for (int i = 0; i < _effects.Count; i++)
        {
            if (_effects[i].Kind == EffectKind.Penalise)
            {
                return true;
            }
        }

        return false;
    }

    private void NoteTopic(string topic)
    {
        _topics[topic] = Now;
        World.Measure.OnJoined(this, topic);
    }

    private void Forget(Connection connection)
    {
        Close(connection);
        Router.RemovePeer(PeerOf(connection), Now, _effects);
        Redial(connection.Remote);
    }

    private void Redial(Actor target)
    {
        if (DialTargets.Contains(target))
        {
            TimeSpan after = Options.RedialAfter;
            SetTimer(Chance.NextTimeSpan(after / 2, after * 1.5), RedialTimer, target);
        }
    }
}
