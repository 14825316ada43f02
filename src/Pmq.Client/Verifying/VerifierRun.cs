using Grpc.Core;
using Pmq.Client.Runtime;
using Pmq.Protocol;

namespace Pmq.Client.Verifying;

/// <summary>One run of a verifier: a pump of handlers, and one stream after another that they answer.</summary>
internal sealed class VerifierRun : IDisposable
{
    // Arbitrary: a host gives its services thirty seconds by default to stop.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(3);

    // Twice the verdict timeout of an agent: what it asks about later is another copy of the message.
    private static readonly TimeSpan MemorySpan = TimeSpan.FromSeconds(10);

    private readonly PmqClient _client;
    private readonly VerifierOptions _options;
    private readonly CancellationToken _stopping;
    private readonly TimeProvider _time;
    private readonly Rules _rules;
    private readonly MessagePump _pump;
    private readonly Lock _lock = new();
    private readonly VerdictBook _book;
    private bool _wasConnected;

    public VerifierRun(
        PmqClient client,
        VerifierOptions options,
        Func<AgentMessage, CancellationToken, ValueTask<AgentVerdict>> verify,
        CancellationToken stopping)
    {
        _client = client;
        _options = options;
        _stopping = stopping;
        _time = client.Options.TimeProvider;
        _rules = new Rules(verify, options.Timeout, _time, stopping);
        _pump = new MessagePump(options.MaxConcurrency, options.MaxConcurrency, JudgeAsync);

        // An agent hands over no more than it has room for, so that what it asks about again is among the last.
        _book = new VerdictBook(
            Math.Max(4096, options.MaxConcurrency * 4), (long)(MemorySpan.TotalSeconds * _time.TimestampFrequency));
    }

    /// <summary>Judges until stopped.</summary>
    /// <exception cref="PmqClientException">The agent takes no verifier from us.</exception>
    public async Task RunAsync()
    {
        var reconnecting = new Reconnecting(_client.Options);
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                PmqClientException? lost = await RunStreamAsync(reconnecting).ConfigureAwait(false);
                if (lost is null || _stopping.IsCancellationRequested)
                {
                    return;
                }

                ObjectDisposedException.ThrowIf(_client.Closing.IsCancellationRequested, _client);
                if (!lost.MayPass(_wasConnected) || (_options.FailsFast && !_wasConnected))
                {
                    throw lost;
                }

                ReportLost(lost);
                await reconnecting.WaitAsync(_stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        finally
        {
            await StopPumpAsync().ConfigureAwait(false);
        }
    }

    public void Dispose() => _rules.Dispose();

    private void ReportLost(PmqClientException lost)
    {
        ClientMetrics.Reconnects.Add(1);
        if (_options.OnDisconnected is null)
        {
            Log.Lost(_client.Logger, nameof(Verifier), lost.Message);
        }

        Callbacks.Invoke(_client.Logger, nameof(VerifierOptions.OnDisconnected), _options.OnDisconnected, lost);
    }

    /// <summary>Judges over one stream; why it ended, null when we stopped.</summary>
    private async Task<PmqClientException?> RunStreamAsync(Reconnecting reconnecting)
    {
        using var call = _client.OpenVerifier(_options.Topics ?? [], _options.IsStateless, CancellationToken.None);
        var stream = new VerifierStream(_options.MaxConcurrency);
        Task reading = Task.CompletedTask;
        Task sending = Task.CompletedTask;
        try
        {
            await call.ResponseHeadersAsync.WaitAsync(_client.Options.Timeout, _time, _stopping).ConfigureAwait(false);
            _wasConnected = true;
            reconnecting.Reset();
            Log.Connected(_client.Logger, nameof(Verifier), _client.Options.Address);
            Callbacks.Invoke(_client.Logger, nameof(VerifierOptions.OnConnected), _options.OnConnected);
            reading = ReadAsync(call.ResponseStream, stream);
            sending = stream.SendAsync(call.RequestStream);
            await reading.WaitAsync(_stopping).ConfigureAwait(false);
            return Faults.Ended(_client.Options.Address);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            await StopAsync(call, stream, reading, sending).ConfigureAwait(false);
            return null;
        }
        catch (TimeoutException)
        {
            return Faults.Silent(_client.Options.Address);
        }
        catch (RpcException e)
        {
            return Faults.Map(e, _client.Options.Address, CancellationToken.None);
        }
        finally
        {
            stream.Complete();
            call.Dispose();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(IAsyncStreamReader<Message> messages, VerifierStream stream)
    {
        while (await messages.MoveNext(CancellationToken.None).ConfigureAwait(false))
        {
            if (_stopping.IsCancellationRequested)
            {
                // Read on, so that the end of the stream is not behind what nobody reads.
                continue;
            }

            Message asked = messages.Current;
            var message = new AgentMessage(asked.Topic, asked.MessageId, asked.Data.Memory);
            Asked what;
            AgentVerdict verdict;
            lock (_lock)
            {
                what = _book.Ask(message, stream, _time.GetTimestamp(), out verdict);
            }

            if (what == Asked.Judge)
            {
                await _pump.AddAsync(message, CancellationToken.None).ConfigureAwait(false);
            }
            else
            {
                ClientMetrics.VerdictsRepeated.Add(1);
                if (what == Asked.Answer)
                {
                    await stream.AnswerAsync(message, verdict).ConfigureAwait(false);
                }
            }
        }
    }

    private async ValueTask JudgeAsync(AgentMessage message)
    {
        Rules.Judging judging = _rules.Start(message);
        Task<AgentVerdict>? running = null;
        AgentVerdict? verdict;
        try
        {
            if (judging.Verdict.IsCompleted)
            {
                verdict = await judging.Verdict.ConfigureAwait(false);
            }
            else
            {
                running = judging.Verdict.AsTask();
                verdict = await running.WaitAsync(judging.Limit.Source.Token).ConfigureAwait(false);
            }
        }
        catch (Exception fault)
        {
            verdict = OnFault(message, fault, judging.Limit.Source.IsCancellationRequested);
        }

        await AnswerAsync(message, verdict).ConfigureAwait(false);
        if (running is not null)
        {
            // Too late; yet it keeps its place until it has ended.
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _rules.Release(judging.Limit);
    }

    private ValueTask AnswerAsync(AgentMessage message, AgentVerdict? verdict)
    {
        VerifierStream? stream = null;
        lock (_lock)
        {
            if (verdict is { } given)
            {
                stream = _book.Judge(message, given, _time.GetTimestamp());
            }
            else
            {
                _book.Abandon(message);
            }
        }

        if (stream is null)
        {
            return ValueTask.CompletedTask;
        }

        ClientMetrics.OnVerdict(verdict!.Value);
        return stream.AnswerAsync(message, verdict.Value);
    }

    /// <summary>What a message is judged whose rules failed: ignored, or not at all when they were stopped.</summary>
    private AgentVerdict? OnFault(AgentMessage message, Exception fault, bool isOverTime)
    {
        if (fault is OperationCanceledException && _stopping.IsCancellationRequested)
        {
            return null;
        }

        if (fault is OperationCanceledException && isOverTime)
        {
            fault = new TimeoutException(
                $"the rules took longer than {_options.Timeout.TotalSeconds:0.###} s ({nameof(VerifierOptions)}."
                + $"{nameof(VerifierOptions.Timeout)})");
        }

        ClientMetrics.VerifierFaults.Add(1);
        if (_options.OnFault is null)
        {
            Log.RulesFailed(_client.Logger, fault, message.Topic, message.MessageId);
        }

        Callbacks.Invoke(_client.Logger, nameof(VerifierOptions.OnFault), _options.OnFault, message, fault);
        return AgentVerdict.Ignore;
    }

    /// <summary>Sends the verdicts given, half-closes, and waits for the agent to have read them.</summary>
    private async Task StopAsync(
        AsyncDuplexStreamingCall<ValidatedMessage, Message> call, VerifierStream stream, Task reading, Task sending)
    {
        await StopPumpAsync().ConfigureAwait(false);
        stream.Complete();
        using var limit = new CancellationTokenSource(StopLimit, _time);
        try
        {
            await sending.WaitAsync(limit.Token).ConfigureAwait(false);
            await call.RequestStream.CompleteAsync().WaitAsync(limit.Token).ConfigureAwait(false);
            await reading.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is RpcException or OperationCanceledException)
        {
            // The agent has gone, or reads nothing: it hands what it holds to the next verifier.
        }
    }

    private async Task StopPumpAsync()
    {
        try
        {
            await _pump.StopAsync().WaitAsync(StopLimit, _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.HandlersLeft(_client.Logger, nameof(Verifier), _pump.UnderWay, StopLimit);
        }
    }
}
