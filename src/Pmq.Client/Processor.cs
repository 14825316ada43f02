using System.Runtime.ExceptionServices;
using Pmq.Client.Runtime;

namespace Pmq.Client;

/// <summary>Consumes accepted messages, and comes back when the agent restarts.</summary>
/// <remarks>What the agent accepts while the stream is lost is not delivered here.</remarks>
public sealed class Processor
{
    // Arbitrary: a host gives its services thirty seconds by default to stop.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly PmqClient _client;
    private readonly ProcessorOptions _options;
    private readonly Func<AgentMessage, CancellationToken, ValueTask> _process;

    /// <summary>Creates a processor; neither the client nor <paramref name="consumer"/> is owned.</summary>
    /// <exception cref="PmqClientException">An option is out of range.</exception>
    public Processor(PmqClient client, ProcessorOptions options, IMessageProcessor consumer)
        : this(client, options, (consumer ?? throw new ArgumentNullException(nameof(consumer))).ProcessAsync)
    {
    }

    /// <summary>Creates a processor whose consumer need not wait for anything.</summary>
    /// <exception cref="PmqClientException">An option is out of range.</exception>
    public Processor(PmqClient client, ProcessorOptions options, Action<AgentMessage> consumer)
        : this(client, options, (message, _) =>
        {
            consumer(message);
            return ValueTask.CompletedTask;
        }) => ArgumentNullException.ThrowIfNull(consumer);

    /// <summary>Creates a processor; the client is not owned.</summary>
    /// <exception cref="PmqClientException">An option is out of range.</exception>
    public Processor(
        PmqClient client, ProcessorOptions options, Func<AgentMessage, CancellationToken, ValueTask> consumer)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(consumer);
        _client = client;
        _options = options.Checked();
        _process = consumer;
    }

    /// <summary>
    /// Consumes until cancelled; then ends without an exception when the consumer has ended what it was at. Messages
    /// that wait are dropped.
    /// </summary>
    /// <exception cref="PmqClientException">
    /// The agent refuses a topic or does not allow it. That it cannot be reached is no error: it is waited for.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    /// <exception cref="Exception">The consumer's, when <see cref="ProcessorOptions.StopsOnFault"/>.</exception>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        ExceptionDispatchInfo? fault = null;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pump = new MessagePump(_options.MaxConcurrency, _options.QueueSize, async message =>
        {
            if (await ProcessAsync(message, stopping.Token).ConfigureAwait(false) is { } thrown)
            {
                Interlocked.CompareExchange(ref fault, ExceptionDispatchInfo.Capture(thrown), null);
                await stopping.CancelAsync().ConfigureAwait(false);
            }
        });
        try
        {
            await foreach (AgentMessage message in _client.ListenAsync(Settings(), stopping.Token).ConfigureAwait(false))
            {
                await pump.AddAsync(message, stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            await StopAsync(pump).ConfigureAwait(false);
        }

        fault?.Throw();
    }

    private ListenSettings Settings() => new()
    {
        Topics = _options.Topics ?? [],
        MaxRate = _options.MaxRate,
        Subscribes = true,
        OnConnected = OnConnected,
        OnDisconnected = OnDisconnected,
        OnDropped = OnDropped,
    };

    private void OnConnected()
    {
        Log.Connected(_client.Logger, nameof(Processor), _client.Options.Address);
        Callbacks.Invoke(_client.Logger, nameof(ProcessorOptions.OnConnected), _options.OnConnected);
    }

    private void OnDisconnected(PmqClientException lost)
    {
        ClientMetrics.Reconnects.Add(1);
        if (_options.OnDisconnected is null)
        {
            Log.Lost(_client.Logger, nameof(Processor), lost.Message);
        }

        Callbacks.Invoke(_client.Logger, nameof(ProcessorOptions.OnDisconnected), _options.OnDisconnected, lost);
    }

    private void OnDropped(long count)
    {
        if (_options.OnDropped is null)
        {
            Log.Dropped(_client.Logger, count);
        }

        Callbacks.Invoke(_client.Logger, nameof(ProcessorOptions.OnDropped), _options.OnDropped, count);
    }

    /// <summary>Hands the message to the consumer; the exception to stop with.</summary>
    private async ValueTask<Exception?> ProcessAsync(AgentMessage message, CancellationToken stopping)
    {
        try
        {
            await _process(message, stopping).ConfigureAwait(false);
            ClientMetrics.Processed.Add(1);
            return null;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception fault)
        {
            ClientMetrics.ProcessorFaults.Add(1);
            if (_options.OnFault is null)
            {
                Log.ConsumerFailed(_client.Logger, fault, message.Topic, message.MessageId);
            }

            Callbacks.Invoke(_client.Logger, nameof(ProcessorOptions.OnFault), _options.OnFault, message, fault);
            return _options.StopsOnFault ? fault : null;
        }
    }

    private async Task StopAsync(MessagePump pump)
    {
        try
        {
            await pump.StopAsync().WaitAsync(StopLimit, _client.Options.TimeProvider, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.HandlersLeft(_client.Logger, nameof(Processor), pump.UnderWay, StopLimit);
        }
    }
}
