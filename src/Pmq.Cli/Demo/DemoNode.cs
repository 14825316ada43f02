using Pmq.Client;
using Pmq.Verifiers;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Window;

namespace Pmq.Cli.Demo;

/// <summary>
/// A node of a network: its producer, its verifier and its processor, over its own agent and as any node would have
/// them. What it sees goes to the ledger.
/// </summary>
internal sealed class DemoNode : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly PmqClient _client;
    private readonly QuorumVerifier _rules;
    private readonly int _wanted;
    private readonly Task _verifying;
    private readonly Task _processing;

    /// <summary>Attaches a node to its agent.</summary>
    /// <param name="number">Its number in the ledger.</param>
    /// <param name="agent">Its agent.</param>
    /// <param name="networks">All networks.</param>
    /// <param name="network">The one that it is of; it wants the reports of the others.</param>
    /// <param name="ledger">What hears of all it sees.</param>
    /// <param name="log">What hears of what goes wrong.</param>
    /// <param name="time">The clock.</param>
    public DemoNode(
        int number,
        IDemoAgent agent,
        DemoNetworks networks,
        int network,
        Ledger ledger,
        AgentLog log,
        TimeProvider time)
    {
        _client = new PmqClient(new PmqClientOptions
        {
            Address = agent.Address.Grpc,
            Timeout = DemoRun.Patience,
            TimeProvider = time,
        });
        Producer = new Producer(_client, new ProducerOptions { Timeout = DemoRun.Patience });
        var keyring = new Keyring(networks.WantedBy(network));
        _wanted = keyring.Networks.Count;
        _rules = new QuorumVerifier(new QuorumVerifierOptions { Networks = keyring, TimeProvider = time });
        var verifier = new Verifier(
            _client,
            new VerifierOptions
            {
                Topics = keyring.Overlays,
                Timeout = DemoRun.Patience,
                OnFault = (_, fault) => log.Add(agent.Name, $"its verifier failed: {fault.Message}"),
                OnDisconnected = lost => log.Add(agent.Name, $"its verifier lost the agent: {lost.Message}"),
            },
            new JudgedRules(_rules, ledger));
        var processor = new Processor(
            _client,
            new ProcessorOptions
            {
                Topics = keyring.Overlays,
                OnDisconnected = lost => log.Add(agent.Name, $"its processor lost the agent: {lost.Message}"),
                OnDropped = count => log.Add(agent.Name, $"its agent dropped {count} messages for its processor"),
            },
            new Consumer(number, networks, ledger, time));
        _verifying = verifier.RunAsync(_stopping.Token);
        _processing = processor.RunAsync(_stopping.Token);
    }

    /// <summary>Publishes.</summary>
    public Producer Producer { get; }

    /// <summary>Fails when its verifier or its processor does.</summary>
    public Task Running => Task.WhenAny(_verifying, _processing).Unwrap();

    /// <summary>Whether its verifier is in step with every network that it wants.</summary>
    public bool IsInStep
    {
        get
        {
            IReadOnlyList<WindowSnapshot> windows = _rules.Snapshot().Windows;
            return windows.Count == _wanted && windows.All(window => window.InStep);
        }
    }

    /// <summary>What its agent knows of its peers.</summary>
    public Task<IReadOnlyList<AgentPeer>> ListPeersAsync(CancellationToken cancellationToken) =>
        _client.ListPeersAsync(cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_verifying, _processing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Producer.DisposeAsync();
        await _rules.DisposeAsync();
        _client.Dispose();
        _stopping.Dispose();
    }

    /// <summary>The rules, and a note of what they said.</summary>
    private sealed class JudgedRules(QuorumVerifier rules, Ledger ledger) : IMessageVerifier
    {
        public async ValueTask<AgentVerdict> VerifyAsync(AgentMessage message, CancellationToken cancellationToken)
        {
            AgentVerdict verdict = await rules.VerifyAsync(message, cancellationToken);
            ledger.Judged(message.Data.Span, verdict);
            return verdict;
        }
    }

    /// <summary>Reads each report, and notes that it came.</summary>
    private sealed class Consumer(int node, DemoNetworks networks, Ledger ledger, TimeProvider time)
        : IMessageProcessor
    {
        public ValueTask ProcessAsync(AgentMessage message, CancellationToken cancellationToken)
        {
            long now = time.GetTimestamp();
            if (SignedReport.TryDecode(message.Data, out SignedReport? signed) == ReportViolation.None
                && networks.Find(signed!.Report.Digest, message.Topic) is { } network)
            {
                Report report = signed.Report;
                ledger.Delivered(
                    node, network, report.Sequence, ReportHash.Of(report.Payload.Span), message.Data.Span, now);
            }
            else
            {
                ledger.DeliveredUnknown();
            }

            return ValueTask.CompletedTask;
        }
    }
}
