using Google.Protobuf;
using Grpc.Core;
using Pmq.Client.Publishing;
using Pmq.Client.Runtime;
using Pmq.Protocol.V1;

namespace Pmq.Client;

/// <summary>
/// Publishes over one stream that is opened again when it is lost; what was not answered by then is published again,
/// in order, which the agent knows by its id. Thread-safe.
/// </summary>
/// <remarks>
/// Against an agent that has no publishing stream each message is a call of its own, one after another.
/// </remarks>
public sealed class Producer : IAsyncDisposable
{
    private static readonly TimeSpan MinTimer = TimeSpan.FromMilliseconds(1);

    private readonly PmqClient _client;
    private readonly ProducerOptions _options;
    private readonly TimeProvider _time;
    private readonly PublicationQueue _queue;
    private readonly Signal _work = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenRegistration _clientClosing;
    private readonly ITimer _timer;
    private readonly Task _running;
    private int _isTimerSet;
    private volatile AsyncDuplexStreamingCall<PublishItem, PublishReceipt>? _stream;
    private volatile PmqClientException? _lost;

    /// <summary>Creates a producer; the client is not owned. It connects with the first publication.</summary>
    /// <exception cref="PmqClientException">An option is out of range.</exception>
    public Producer(PmqClient client, ProducerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _options = (options ?? new ProducerOptions()).Checked();
        _time = client.Options.TimeProvider;
        _queue = new PublicationQueue(_options.MaxInFlight);
        _timer = _time.CreateTimer(
            static producer => ((Producer)producer!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _clientClosing = client.Closing.UnsafeRegister(
            static producer => ((Producer)producer!).Close(
                new ObjectDisposedException(nameof(PmqClient), "The client was disposed of.")),
            this);
        _running = RunAsync();
    }

    /// <summary>Publishes, waiting while too many publications are under way.</summary>
    /// <param name="topic">The overlay; the agent need not be subscribed to it.</param>
    /// <param name="data">At least one byte; not to be changed before the call has ended.</param>
    /// <param name="cancellationToken">Ends the wait; the publication may have happened.</param>
    /// <exception cref="PmqClientException">
    /// The agent refuses the topic or the data, or did not answer within <see cref="ProducerOptions.Timeout"/>.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The producer or its client was disposed of before the answer.</exception>
    public ValueTask<Publication> PublishAsync(
        string topic, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Publication>(cancellationToken);
        }

        var publication = new PendingPublication(topic, data, _time.GetTimestamp());
        if (cancellationToken.CanBeCanceled)
        {
            publication.Cancellation = cancellationToken.UnsafeRegister(
                static (state, token) => ((PendingPublication)state!).TryCancel(token), publication);
        }

        if (_queue.Add(publication) is { } closed)
        {
            publication.TryFail(closed);
        }
        else
        {
            _work.Set();
            SetTimer();
        }

        return new ValueTask<Publication>(publication.Task);
    }

    /// <summary>Fails what has no answer yet with <see cref="ObjectDisposedException"/>, and closes the stream.</summary>
    public async ValueTask DisposeAsync()
    {
        Close(new ObjectDisposedException(
            nameof(Producer), "The producer was disposed of before the agent had answered; it may have published."));
        await _running.ConfigureAwait(false);
        await _clientClosing.DisposeAsync().ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private void Close(ObjectDisposedException reason)
    {
        FailAll(_queue.TakeAll(reason), reason);
        _stopping.Cancel();
    }

    private async Task RunAsync()
    {
        var reconnecting = new Reconnecting(_client.Options);
        try
        {
            while (true)
            {
                while (!_queue.HasWork)
                {
                    await _work.WaitAsync(_stopping.Token).ConfigureAwait(false);
                }

                PmqClientException lost = await PublishOverStreamAsync(reconnecting).ConfigureAwait(false);
                _lost = lost;
                ClientMetrics.Reconnects.Add(1);
                OnLost(lost);
                await reconnecting.WaitAsync(_stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception fault)
        {
            // A fault of this code: nobody is left waiting for it.
            FailAll(_queue.TakeAll(fault), fault);
        }
    }

    /// <summary>Publishes over one stream; why it ended.</summary>
    private async Task<PmqClientException> PublishOverStreamAsync(Reconnecting reconnecting)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        using var call = _client.OpenPublisher(ended.Token);
        Task sending = Task.CompletedTask;
        bool isOpen = false;
        try
        {
            await call.ResponseHeadersAsync.WaitAsync(_client.Options.Timeout, _time, ended.Token).ConfigureAwait(false);
            isOpen = true;
            _lost = null;
            _stream = call;
            sending = SendAsync(call.RequestStream, ended.Token);
            while (await call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
            {
                Take(call.ResponseStream.Current);
                reconnecting.Reset();
            }

            return Faults.Ended(_client.Options.Address);
        }
        catch (TimeoutException)
        {
            return Faults.Silent(_client.Options.Address);
        }
        catch (RpcException e) when (!isOpen && e.StatusCode == StatusCode.Unimplemented)
        {
            Log.NoPublisherService(_client.Logger, _client.Options.Address);
            return await PublishSinglyAsync(reconnecting).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            PmqClientException lost = Faults.Map(e, _client.Options.Address, _stopping.Token);
            if (!isOpen && !lost.IsTransient)
            {
                // The agent takes no stream from us at all: waiting would not help any of them.
                FailAll(_queue.TakeAll(), lost);
            }

            return lost;
        }
        finally
        {
            _stream = null;
            await ended.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(IClientStreamWriter<PublishItem> stream, CancellationToken cancellationToken)
    {
        // Written to the stream before the call returns, so that one item serves for all.
        var item = new PublishItem();
        while (true)
        {
            while (_queue.TakeToSend(out ulong number) is { } publication)
            {
                Task writing;
                lock (publication)
                {
                    if (publication.IsDone)
                    {
                        writing = Task.CompletedTask;
                        _queue.Answer(number, out _);
                    }
                    else
                    {
                        item.ClientRef = number;
                        item.Topic = publication.Topic;
                        item.Data = UnsafeByteOperations.UnsafeWrap(publication.Data);
                        writing = Write(stream, item, publication, cancellationToken);
                    }
                }

                await writing.ConfigureAwait(false);
            }

            item.Data = ByteString.Empty;
            await _work.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private Task Write(
        IClientStreamWriter<PublishItem> stream,
        PublishItem item,
        PendingPublication publication,
        CancellationToken cancellationToken)
    {
        try
        {
            return stream.WriteAsync(item, cancellationToken);
        }
        catch (Exception fault)
        {
            // What cannot be encoded must not come again, and half of it may stand in the stream already.
            publication.TryFail(new PmqClientException(
                PmqClientFault.BadArgument, $"the publication cannot be encoded: {fault.Message}", fault));
            _stream?.Dispose();
            throw;
        }
    }

    private void Take(PublishReceipt receipt)
    {
        PendingPublication? publication = _queue.Answer(receipt.ClientRef, out bool madeRoom);
        if (madeRoom)
        {
            _work.Set();
        }

        if (publication is null)
        {
            return;
        }

        if (receipt.Error == PublishError.None)
        {
            Complete(publication, new Publication(
                receipt.MessageId, (int)receipt.Sent, (int)receipt.Queued, (int)receipt.Dropped, receipt.Duplicate));
        }
        else if (publication.TryFail(Faults.Refused(receipt, _client.Options.Address)))
        {
            ClientMetrics.OnRefused();
        }
    }

    /// <summary>Publishes by a call for each, one after another; why it ended.</summary>
    private async Task<PmqClientException> PublishSinglyAsync(Reconnecting reconnecting)
    {
        while (true)
        {
            while (_queue.TakeToSend(out ulong number) is { } publication)
            {
                Task<Publication>? publishing = null;
                lock (publication)
                {
                    if (!publication.IsDone)
                    {
                        publishing = _client.PublishAsync(publication.Topic, publication.Data, _stopping.Token);
                    }
                }

                try
                {
                    if (publishing is not null)
                    {
                        Complete(publication, await publishing.ConfigureAwait(false));
                        reconnecting.Reset();
                    }
                }
                catch (PmqClientException e) when (e.Reason is PmqClientFault.Unreachable or PmqClientFault.Timeout)
                {
                    return e;
                }
                catch (PmqClientException e)
                {
                    if (publication.TryFail(e))
                    {
                        ClientMetrics.OnRefused();
                    }
                }

                _queue.Answer(number, out _);
            }

            await _work.WaitAsync(_stopping.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Puts back what has no receipt, and takes out what no stream survives.</summary>
    private void OnLost(PmqClientException lost)
    {
        Log.Lost(_client.Logger, nameof(Producer), lost.Message);

        // A message above the agent's limit ends the stream with RESOURCE_EXHAUSTED, which else passes by itself.
        bool isSuspect = !lost.IsTransient || lost.Reason == PmqClientFault.Busy;
        (PendingPublication? culprit, int unanswered) = _queue.Restart(isSuspect);
        if (culprit?.TryFail(lost) == true)
        {
            ClientMetrics.OnRefused();
            unanswered--;
        }

        ClientMetrics.Republished.Add(unanswered);
    }

    private void Complete(PendingPublication publication, Publication outcome)
    {
        if (publication.TryComplete(outcome))
        {
            ClientMetrics.OnPublished(_time.GetElapsedTime(publication.Started).TotalSeconds);
        }
    }

    private static void FailAll(List<PendingPublication> publications, Exception fault)
    {
        foreach (PendingPublication publication in publications)
        {
            if (publication.TryFail(fault))
            {
                ClientMetrics.OnFailed();
            }
        }
    }

    /// <summary>Sets the timer unless it is: it goes off for the oldest publication.</summary>
    private void SetTimer()
    {
        if (Volatile.Read(ref _isTimerSet) == 0 && Interlocked.Exchange(ref _isTimerSet, 1) == 0)
        {
            _timer.Change(_options.Timeout, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        long now = _time.GetTimestamp();
        long limit = now - (long)(_options.Timeout.TotalSeconds * _time.TimestampFrequency);
        List<PendingPublication> expired = _queue.Expired(limit, out bool wasSent, out long? oldest);
        if (oldest is { } started)
        {
            TimeSpan left = _options.Timeout - _time.GetElapsedTime(started, now);
            _timer.Change(left > MinTimer ? left : MinTimer, Timeout.InfiniteTimeSpan);
        }
        else
        {
            Volatile.Write(ref _isTimerSet, 0);
            if (_queue.HasWork)
            {
                // It came while the timer still seemed set.
                SetTimer();
            }
        }

        Expire(expired, wasSent);
    }

    private void Expire(List<PendingPublication> expired, bool wasSent)
    {
        PmqClientException? lost = wasSent ? null : _lost;
        FailAll(expired, new PmqClientException(
            PmqClientFault.Timeout,
            $"the agent at {_client.Options.Address} did not answer within {_options.Timeout.TotalSeconds:0.###} s"
            + (lost is null ? "" : $": {lost.Message}"),
            lost));
        if (wasSent)
        {
            // An agent that answers nothing for so long may do so over another stream.
            _stream?.Dispose();
        }

        _work.Set();
    }
}
