using Pmq.Agent.Configuration;
using Pmq.Client;
using Pmq.Core.Runtime;

namespace Pmq.Cli.Demo;

/// <summary>One run: starts agents and nodes, lets them exchange reports, waits until all have come, ends them.</summary>
internal sealed class DemoRun
{
    /// <summary>
    /// How long a message waits for its verdict, and a call for its answer: longer than the defaults, so that a machine
    /// that stands still for seconds loses nothing.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Rounds that a network goes on while an earlier one has not arrived everywhere.</summary>
    private const int MaxRoundsAhead = 32;

    /// <summary>No delivery for so long means that no more will come.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    /// <summary>No verdict for so long means that the agents do not hear the attacker any more.</summary>
    private static readonly TimeSpan BadQuiet = TimeSpan.FromSeconds(1);

    /// <summary>Time between two marks: several in the span after which a window is in step.</summary>
    private static readonly TimeSpan MarkPeriod = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(60);

    private readonly DemoPlan _plan;
    private readonly Topology _topology;
    private readonly Chance _keys;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly AgentLog _log;
    private readonly Ledger _ledger;
    private readonly List<DemoNode> _nodes = [];
    private volatile string _phase = "starting agents";
    private volatile MeshSample[] _meshes = [];
    private volatile bool _isStalled;

    /// <summary>Prepares a run.</summary>
    public DemoRun(DemoPlan plan, AgentLog log)
    {
        _plan = plan;
        _log = log;
        Chance root = new SeededChance(plan.Options.Seed).Fork("run");
        _keys = root.Fork("keys");
        _topology = Topology.Create(plan.Networks.Count, plan.Options.Nodes, root.Fork("topology"));
        _ledger = new Ledger(plan, _time);
    }

    /// <summary>How it stands. Thread-safe.</summary>
    public DemoStatus Status => new(_phase, _ledger.Read(), _meshes);

    /// <summary>Runs to the end; a fault is part of the outcome.</summary>
    public async Task<DemoOutcome> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunPartsAsync(cancellationToken);
            _phase = "done";
            Tally tally = _ledger.Read();
            return new DemoOutcome(tally, tally.Fault, WasStopped: false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: Ctrl-C reaches agents in processes of their own too, and their end may be told first.
            return new DemoOutcome(_ledger.Read(), $"stopped while {_phase}", WasStopped: true);
        }
        catch (Exception e)
        {
            // Told with the counts, which are printed all the same.
            return new DemoOutcome(_ledger.Read(), $"{Describe(e)}, while {_phase}", WasStopped: false);
        }
    }

    private async Task RunPartsAsync(CancellationToken cancellationToken)
    {
        using var networks = new DemoNetworks(_plan, _keys.Fork("networks"));
        await using AgentFleet fleet = await AgentFleet.StartAsync(
            _plan, _topology, _keys.Fork("agents"), _log, cancellationToken);
        using var attacker = new PmqClient(
            new PmqClientOptions { Address = fleet.Agents[_topology.Attacker].Address.Grpc, Timeout = Patience });
        await using var attackerProducer = new Producer(attacker, new ProducerOptions { Timeout = Patience });
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            Attach(fleet, networks);
            Task run = RunPhasesAsync(fleet, networks, attackerProducer, ending.Token);
            Task<Task> broken = Task.WhenAny(_nodes.Select(node => node.Running).Append(fleet.Broken));
            Task first = await Task.WhenAny(run, broken);
            await ending.CancelAsync();
            await run.ConfigureAwait(
                first == run ? ConfigureAwaitOptions.None : ConfigureAwaitOptions.SuppressThrowing);
            if (first != run)
            {
                throw await DescribeAsync(await broken);
            }
        }
        finally
        {
            await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));
        }
    }

    private void Attach(AgentFleet fleet, DemoNetworks networks)
    {
        // In the ledger nodes are numbered network by network, at the agents wave by wave.
        for (int network = 0; network < _plan.Networks.Count; network++)
        {
            for (int node = 0; node < _plan.Options.Nodes; node++)
            {
                IDemoAgent agent = fleet.Agents[(node * _plan.Networks.Count) + network];
                _nodes.Add(new DemoNode(_nodes.Count, agent, networks, network, _ledger, _log, _time));
            }
        }
    }

    private async Task RunPhasesAsync(
        AgentFleet fleet, DemoNetworks networks, Producer attacker, CancellationToken cancellationToken)
    {
        _phase = "connecting";
        await ConnectedAsync(fleet, cancellationToken);
        _phase = "warming up";
        await WarmUpAsync(networks, cancellationToken);
        _phase = "exchanging reports";
        using var sampling = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task samples = SampleAsync(sampling.Token);
        await Task.WhenAll(_plan.Networks.Select(
            network => RunNetworkAsync(network, networks, attacker, cancellationToken)));
        _phase = "waiting for the last deliveries";
        await _ledger.WaitAsync(() => _ledger.IsComplete, Quiet, cancellationToken);
        await _ledger.WaitAsync(() => _ledger.IsEveryBadJudged, BadQuiet, cancellationToken);

        // What is still on its way, as a second copy, comes before a mark that is published after it all.
        _phase = "closing";
        await Task.WhenAll(_plan.Networks.Select(network => PublishMarkAsync(
            network, networks.Mark(network.Index, network.ClosingMark), cancellationToken)));
        await _ledger.WaitAsync(
            () => _plan.Networks.All(network => _ledger.HasMark(network.Index, network.ClosingMark)),
            Quiet,
            cancellationToken);
        await sampling.CancelAsync();
        await samples;
        _phase = "stopping agents";
    }

    /// <summary>Waits until each agent is connected to all its neighbours and knows what they subscribe to.</summary>
    private async Task ConnectedAsync(AgentFleet fleet, CancellationToken cancellationToken)
    {
        using var expired = new CancellationTokenSource(ConnectLimit, _time);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50), _time);
        var open = new Queue<int>(Enumerable.Range(0, _topology.Attacker));
        while (open.TryPeek(out int agent))
        {
            IReadOnlyList<AgentPeer> peers = await NodeOf(agent).ListPeersAsync(cancellationToken);
            if (_topology.Neighbours[agent].All(other => Knows(peers, fleet.Agents[other].Address.PeerId, other)))
            {
                open.Dequeue();
                continue;
            }

            if (expired.IsCancellationRequested)
            {
                throw new DemoException($"{fleet.Agents[agent].Name}: its agent did not find its peers");
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private bool Knows(IReadOnlyList<AgentPeer> peers, string peerId, int agent) =>
        peers.FirstOrDefault(peer => peer.PeerId == peerId) is { } peer
            && (agent == _topology.Attacker || _plan.Networks
                .Where(network => network.Index != _topology.NetworkOf(agent))
                .All(network => peer.Topics.Contains(network.Overlay)));

    private DemoNode NodeOf(int agent) =>
        _nodes[(_topology.NetworkOf(agent) * _plan.Options.Nodes) + _topology.NodeOf(agent)];

    /// <summary>
    /// Publishes marks until every node has got one of every other network and all its windows are in step: from then
    /// on they know what is old and what is far ahead.
    /// </summary>
    private async Task WarmUpAsync(DemoNetworks networks, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(MarkPeriod, _time);
        for (int mark = 0; mark < NetworkPlan.MarkCount; mark++)
        {
            await Task.WhenAll(_plan.Networks.Select(network => PublishMarkAsync(
                network, networks.Mark(network.Index, network.FirstMark + mark), cancellationToken)));
            await timer.WaitForNextTickAsync(cancellationToken);
            if (_plan.Networks.All(network => _ledger.HasMark(network.Index, network.FirstMark))
                && _nodes.All(node => node.IsInStep))
            {
                return;
            }
        }

        throw new DemoException("no reports came through in time");
    }

    private async Task RunNetworkAsync(
        NetworkPlan network, DemoNetworks networks, Producer attacker, CancellationToken cancellationToken)
    {
        using PeriodicTimer? timer = _plan.Options.Interval > TimeSpan.Zero
            ? new PeriodicTimer(_plan.Options.Interval, _time)
            : null;
        for (int round = 0; round < network.Payloads.Count; round++)
        {
            if (timer is not null)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }

            await KeepPaceAsync(network.Index, round - MaxRoundsAhead, cancellationToken);
            byte[] report = networks.Round(network.Index, round);
            IEnumerable<Task> attacks = network.BadReports[round]
                .Select(bad => AttackAsync(network, networks.Bad(network.Index, bad), bad.Kind, attacker, cancellationToken));
            _ledger.BeginRound(network.Index, round, _time.GetTimestamp());
            await Task.WhenAll(
                [.. attacks, .. MembersOf(network).Select(node => PublishAsync(node, network, report, cancellationToken))]);
        }
    }

    /// <summary>No network runs away from its slowest reader; once a report is lost there is nothing to wait for.</summary>
    private async Task KeepPaceAsync(int network, int round, CancellationToken cancellationToken)
    {
        if (!_isStalled && !_ledger.HasRound(network, round))
        {
            _isStalled = !await _ledger.WaitAsync(() => _ledger.HasRound(network, round), Quiet, cancellationToken);
        }
    }

    private async Task AttackAsync(
        NetworkPlan network, byte[] report, BadKind kind, Producer attacker, CancellationToken cancellationToken)
    {
        _ledger.BeginBad(kind, report);
        await attacker.PublishAsync(network.Overlay, report, cancellationToken);
        _ledger.BadPublished();
    }

    private async Task PublishAsync(
        DemoNode node, NetworkPlan network, byte[] report, CancellationToken cancellationToken)
    {
        await node.Producer.PublishAsync(network.Overlay, report, cancellationToken);
        _ledger.Published();
    }

    private async Task PublishMarkAsync(NetworkPlan network, byte[] mark, CancellationToken cancellationToken) =>
        await Task.WhenAll(MembersOf(network).Select(
            node => node.Producer.PublishAsync(network.Overlay, mark, cancellationToken).AsTask()));

    private IEnumerable<DemoNode> MembersOf(NetworkPlan network) =>
        _nodes.Skip(network.Index * _plan.Options.Nodes).Take(_plan.Options.Nodes);

    /// <summary>Looks at the meshes every second, until cancelled.</summary>
    private async Task SampleAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _time);
        try
        {
            do
            {
                IReadOnlyList<AgentPeer>[] peers = await Task.WhenAll(
                    _nodes.Select(node => node.ListPeersAsync(cancellationToken)));
                _meshes = [.. _plan.Networks.Select(network => Sample(network, peers))];
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (Exception e) when (e is PmqClientException
            || (e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            // The run is over, or an agent cannot answer: what that means for the run is seen elsewhere.
        }
    }

    private MeshSample Sample(NetworkPlan network, IReadOnlyList<AgentPeer>[] peers)
    {
        int first = network.Index * _plan.Options.Nodes;
        var own = peers.Skip(first).Take(_plan.Options.Nodes);
        var subscribers = peers.Where((_, node) => node / _plan.Options.Nodes != network.Index);
        return new MeshSample(
            subscribers.Average(list => list.Count(peer => peer.MeshTopics.Contains(network.Overlay))),
            own.Average(list => list.Count));
    }

    private static async Task<DemoException> DescribeAsync(Task broken)
    {
        try
        {
            await broken;
            return new DemoException(broken is Task<string> agent ? await agent : "a node ended");
        }
        catch (Exception e)
        {
            return new DemoException(Describe(e));
        }
    }

    private static string Describe(Exception e) =>
        e is DemoException or PmqClientException or ConfigurationException ? e.Message : $"{e.GetType().Name}: {e.Message}";
}
