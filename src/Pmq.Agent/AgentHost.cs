using Microsoft.Extensions.Logging;
using Pmq.Agent.Configuration;
using Pmq.Agent.Hosting;
using Pmq.Agent.Metrics;
using Pmq.Core.Cryptography;
using Pmq.Engine;

namespace Pmq.Agent;

/// <summary>
/// An agent: the peer, gRPC for the node, HTTP for the operator. They start in the order HTTP, peer, gRPC and stop in
/// the order gRPC, peer, HTTP, so that no call meets a peer that is not there.
/// </summary>
internal sealed class AgentHost : IAsyncDisposable
{
    /// <summary>SIGTERM ends the process within two seconds; the rest is left to the process itself.</summary>
    private static readonly TimeSpan GrpcStopLimit = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan PeerStopLimit = TimeSpan.FromMilliseconds(1000);

    private static readonly TimeSpan HttpStopLimit = TimeSpan.FromMilliseconds(200);

    private readonly ILogger _logger;
    private readonly AgentMeterFactory _meters;
    private readonly PrometheusMetrics _metrics;
    private GrpcEndpoint? _grpc;
    private HttpEndpoint? _http;
    private PmqPeer? _peer;
    private volatile bool _isReady;
    private bool _isStopped;

    private AgentHost(ILoggerFactory loggers)
    {
        _logger = loggers.CreateLogger("Pmq.Agent");
        _meters = new AgentMeterFactory();
        _metrics = new PrometheusMetrics(_meters);
    }

    /// <summary>What <c>pmq agent</c> prints once everything accepts.</summary>
    public string ReadyLine { get; private set; } = "";

    /// <summary>The peer.</summary>
    public PmqPeer Peer => _peer!;

    /// <summary>Where gRPC is served.</summary>
    public string GrpcAddress => _grpc!.Address;

    /// <summary>Where health and metrics are served; null when nowhere.</summary>
    public string? HttpAddress => _http?.Address;

    /// <summary>Starts everything; when it returns, peers and nodes can connect.</summary>
    /// <exception cref="ConfigurationException">An address cannot be listened on, or an option is refused.</exception>
    public static async Task<AgentHost> StartAsync(
        AgentOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var agent = new AgentHost(loggers);
        try
        {
            await agent.StartPartsAsync(options, loggers, cancellationToken);
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Runs until cancelled or until the peer breaks, then stops in order. False when it broke: a process that lives on
    /// without its gossip helps nobody, and its supervisor starts it anew.
    /// </summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.UnsafeRegister(state => ((TaskCompletionSource)state!).SetResult(), stopping))
        {
            await Task.WhenAny(stopping.Task, Peer.Completion);
        }

        Exception? failure = Peer.Failure;
        if (failure is not null)
        {
            Log.PeerBroken(_logger, $"{failure.GetType().Name}: {failure.Message}");
        }

        await DisposeAsync();
        return failure is null;
    }

    /// <summary>Stops in order; bounded, so that the process ends within two seconds whatever hangs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        bool wasReady = _isReady;
        _isReady = false;
        if (wasReady)
        {
            Log.Stopping(_logger);
        }

        if (_grpc is { } grpc)
        {
            await StopPartAsync("gRPC", GrpcStopLimit, grpc.StopAsync, grpc);
        }

        if (_peer is { } peer)
        {
            await StopPartAsync("the peer", PeerStopLimit, _ => Task.CompletedTask, peer);
        }

        if (_http is { } http)
        {
            await StopPartAsync("HTTP", HttpStopLimit, http.StopAsync, http);
        }

        _metrics.Dispose();
        _meters.Dispose();
        if (wasReady)
        {
            Log.Stopped(_logger);
        }
    }

    private async Task StartPartsAsync(
        AgentOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        foreach (string warning in options.Warnings)
        {
            Log.ConfigurationWarning(_logger, warning);
        }

        Log.Cryptography(_logger, Curve25519.ProviderName, Secp256k1.ProviderName);
        Log.Validation(
            _logger,
            options.Validation.Text,
            options.Validation.Origin.ToString(),
            options.Peer.Validation == ValidationMode.Required
                ? "Messages wait for a verifier, also where a configuration of the Go agent has no msgValidator"
                : "Messages are accepted without a verifier");

        // HTTP first: a probe learns from the start that the agent lives, and from /readyz when it accepts.
        _http = await HttpEndpoint.StartAsync(
            options, () => _isReady && _peer is { Failure: null }, _metrics, loggers, cancellationToken);
        _peer = await StartPeerAsync(options, loggers, cancellationToken);
        var metrics = new AgentMetrics(_meters);
        _grpc = await GrpcEndpoint.StartAsync(options, _peer, metrics, loggers, cancellationToken);
        _isReady = true;
        ReadyLine = Agent.ReadyLine.Write(
            _peer.LocalPeer.ToString(),
            _peer.ListenAddresses.Select(address => address.ToString()),
            _grpc.Address,
            _http?.Address);
        Log.Ready(_logger, _peer.LocalPeer.ToString(), _grpc.Address, _http?.Address ?? "off");
    }

    private async Task<PmqPeer> StartPeerAsync(
        AgentOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        try
        {
            return await PmqPeer.StartAsync(
                options.Peer with { LoggerFactory = loggers, MeterFactory = _meters }, cancellationToken);
        }
        catch (PmqOptionsException e)
        {
            throw new ConfigurationException(e.Message);
        }
        catch (IOException e)
        {
            // The message names the one address, of those in the list, that cannot be listened on.
            throw new ConfigurationException(
                $"{options.Listen.Name}: {char.ToLowerInvariant(e.Message[0])}{e.Message[1..]}");
        }
    }

    private async Task StopPartAsync(
        string name, TimeSpan limit, Func<CancellationToken, Task> stop, IAsyncDisposable part)
    {
        using var expired = new CancellationTokenSource(limit);
        try
        {
            await StopAndDisposeAsync(stop, part, expired.Token).WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            Log.StoppingTooSlow(_logger, name, limit);
        }
        catch (Exception e)
        {
            Log.StoppingFailed(_logger, e, name);
        }
    }

    private static async Task StopAndDisposeAsync(
        Func<CancellationToken, Task> stop, IAsyncDisposable part, CancellationToken cancellationToken)
    {
        await stop(cancellationToken);
        await part.DisposeAsync();
    }
}
