using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Pmq.Grpc.Framing;
using Pmq.Grpc.Wire;

namespace Pmq.Grpc.Client;

/// <summary>
/// A call under way on the client: one HTTP/2 stream. It ends once: with the server's status, a failure of the
/// connection, the deadline, the caller's token, or by being disposed.
/// </summary>
internal sealed class ClientCall<TRequest, TResponse> : IClientCall, IEndedCall, IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private const string UserAgent = "grpc-dotnet-pmq/0.1";

    private static readonly Task<bool> True = Task.FromResult(true);
    private static readonly TimeSpan MaxTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>Bytes of each read of the response.</summary>
    private static readonly StreamPipeReaderOptions PipeOptions =
        new(bufferSize: 32 * 1024, minimumReadSize: 4 * 1024, leaveOpen: true);

    private readonly GrpcChannel _channel;
    private readonly Method<TRequest, TResponse> _method;
    private readonly CallOptions _options;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource<Status> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task<MessageReader<TResponse>?> _opening = Task.FromResult<MessageReader<TResponse>?>(null);
    private HttpContent? _content;
    private volatile HttpResponseMessage? _response;
    private PipeReader? _pipe;
    private MessageReader<TResponse>? _reader;
    private Metadata _trailers = Metadata.Empty;
    private Task<Metadata>? _headers;
    private CancellationTokenRegistration _callerRegistration;
    private CancellationTokenRegistration _channelRegistration;
    private ITimer? _deadlineTimer;
    private TResponse? _current;
    private bool _isSingle;
    private int _received;
    private int _isEnding;

    public ClientCall(GrpcChannel channel, Method<TRequest, TResponse> method, CallOptions options)
    {
        _channel = channel;
        _method = method;
        _options = options;
    }

    /// <inheritdoc/>
    public TResponse Current =>
        _current ?? throw new InvalidOperationException("There is no message: call MoveNext first.");

    /// <inheritdoc/>
    public Task<Metadata> ResponseHeadersAsync => _headers ??= ReadHeadersAsync();

    /// <inheritdoc/>
    public Status? Ended => _ended.Task.IsCompleted ? _ended.Task.Result : null;

    /// <inheritdoc/>
    public Task<Status> WhenEndedAsync() => _ended.Task;

    /// <inheritdoc/>
    public Status GetStatus() =>
        Ended ?? throw new InvalidOperationException("The call has not ended: it has no status yet.");

    /// <inheritdoc/>
    public Metadata GetTrailers() => Ended is not null
        ? _trailers
        : throw new InvalidOperationException("The call has not ended: it has no trailers yet.");

    /// <inheritdoc/>
    public void Dispose() => End(new Status(StatusCode.Cancelled, "The call was disposed of."), Metadata.Empty);

    /// <summary>Sends the request. Called once, first of all.</summary>
    public void Start(HttpContent content)
    {
        _content = content;
        var timeout = _options.Deadline is { } deadline
            ? deadline.ToUniversalTime() - _channel.Options.TimeProvider.GetUtcNow().UtcDateTime
            : (TimeSpan?)null;
        if (timeout <= TimeSpan.Zero)
        {
            OnDeadline();
            return;
        }

        if (timeout <= MaxTimer)
        {
            _deadlineTimer = _channel.Options.TimeProvider.CreateTimer(
                static state => ((ClientCall<TRequest, TResponse>)state!).OnDeadline(),
                this,
                timeout.Value,
                Timeout.InfiniteTimeSpan);
        }

        _callerRegistration = _options.CancellationToken.UnsafeRegister(
            static state => ((ClientCall<TRequest, TResponse>)state!).OnCancelled("The call was cancelled."), this);
        _channelRegistration = _channel.Closing.UnsafeRegister(
            static state => ((ClientCall<TRequest, TResponse>)state!).OnCancelled("The channel was closed."), this);
        _opening = OpenAsync(content, timeout);
        if (_ended.Task.IsCompleted)
        {
            // It may have ended before these were set.
            Release();
        }
    }

    /// <summary>The only response of a call.</summary>
    /// <exception cref="RpcException">The call ended with a status other than OK.</exception>
    public async Task<TResponse> ReadSingleAsync()
    {
        _isSingle = true;
        TResponse? response = null;
        while (await MoveNext(CancellationToken.None).ConfigureAwait(false))
        {
            response = Current;
        }

        return response!;
    }

    /// <inheritdoc/>
    /// <remarks>Cancelling stops the wait only: the call goes on.</remarks>
    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (_reader is null || _ended.Task.IsCompleted || cancellationToken.IsCancellationRequested)
        {
            return WaitAsync(cancellationToken);
        }

        try
        {
            if (_reader.TryTake(out var message))
            {
                _current = message;
                CheckCount();
                return True;
            }
        }
        catch (RpcException fault)
        {
            End(fault.Status, Metadata.Empty);
        }

        return WaitAsync(cancellationToken);
    }

    private async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        _current = null;
        cancellationToken.ThrowIfCancellationRequested();
        var opening = cancellationToken.CanBeCanceled ? _opening.WaitAsync(cancellationToken) : _opening;
        var reader = await opening.ConfigureAwait(false);
        if (reader is not null && !_ended.Task.IsCompleted)
        {
            try
            {
                _current = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (_current is not null)
                {
                    CheckCount();
                    return true;
                }

                End(StatusOf(_response!.TrailingHeaders), MetadataOf(_response.TrailingHeaders));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && Ended is null)
            {
                throw;
            }
            catch (Exception failure)
            {
                End(StatusOf(failure), Metadata.Empty);
            }

            await _pipe!.CompleteAsync().ConfigureAwait(false);
        }

        var status = await _ended.Task.ConfigureAwait(false);
        return status.StatusCode == StatusCode.OK ? false : throw new RpcException(status, _trailers);
    }

    private async Task<MessageReader<TResponse>?> OpenAsync(HttpContent content, TimeSpan? timeout)
    {
        try
        {
            var response = await _channel.SendAsync(CreateRequest(content, timeout), _cancellation.Token)
                .ConfigureAwait(false);
            _response = response;
            if (_ended.Task.IsCompleted)
            {
                response.Dispose();
                return null;
            }

            if (ClientStatus.Read(response.Headers) is not null)
            {
                End(StatusOf(response.Headers), MetadataOf(response.Headers));
                return null;
            }

            if (ClientStatus.Check(response) is { } notGrpc)
            {
                End(notGrpc, Metadata.Empty);
                return null;
            }

            var body = await response.Content.ReadAsStreamAsync(CancellationToken.None).ConfigureAwait(false);
            _pipe = PipeReader.Create(body, PipeOptions);
            return _reader = new MessageReader<TResponse>(
                _pipe, _method.ResponseMarshaller, _channel.Options.MaxReceiveMessageBytes);
        }
        catch (Exception failure)
        {
            End(StatusOf(failure), Metadata.Empty);
            return null;
        }
    }

    private HttpRequestMessage CreateRequest(HttpContent content, TimeSpan? timeout)
    {
        // POST path | grpc-timeout | te: trailers | content-type | grpc-accept-encoding | user-agent | custom metadata
        var request = new HttpRequestMessage(HttpMethod.Post, _channel.UriOf(_method.FullName))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        var headers = request.Headers;
        if (timeout is { } span)
        {
            headers.TryAddWithoutValidation(GrpcHeaders.Timeout, GrpcTimeout.Format(span));
        }

        headers.TryAddWithoutValidation("te", "trailers");
        headers.TryAddWithoutValidation(GrpcHeaders.AcceptEncoding, GrpcHeaders.Identity);
        headers.TryAddWithoutValidation("user-agent", UserAgent);
        if (_channel.Options.BearerToken is { } token)
        {
            headers.TryAddWithoutValidation("authorization", $"Bearer {token}");
        }

        foreach (var entry in _options.Headers ?? Metadata.Empty)
        {
            headers.TryAddWithoutValidation(entry.Key, MetadataCodec.Encode(entry));
        }

        return request;
    }

    private async Task<Metadata> ReadHeadersAsync()
    {
        await _opening.ConfigureAwait(false);
        if (_response is { } response && ClientStatus.Read(response.Headers) is null)
        {
            return MetadataOf(response.Headers);
        }

        // There were no headers, or they were the trailers.
        var status = await _ended.Task.ConfigureAwait(false);
        return status.StatusCode == StatusCode.OK ? Metadata.Empty : throw new RpcException(status, _trailers);
    }

    private Status StatusOf(HttpHeaders trailers)
    {
        var status = ClientStatus.Read(trailers)
            ?? new Status(StatusCode.Unknown, "The server ended the call without a status.");
        return _isSingle && _received == 0 && status.StatusCode == StatusCode.OK
            ? new Status(StatusCode.Unimplemented, "The server ended the call without a response; this method has one.")
            : status;
    }

    private void CheckCount()
    {
        if (++_received > 1 && _isSingle)
        {
            throw new RpcException(
                new Status(StatusCode.Unimplemented, "The server sent several responses; this method has one."));
        }
    }

    private static Metadata MetadataOf(HttpHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values)
            {
                // A binary value that is not base64 is left out: the status of the call counts for more.
                MetadataCodec.Decode(name, value, metadata);
            }
        }

        return metadata;
    }

    private Status StatusOf(Exception failure)
    {
        var status = ClientStatus.Of(failure, _channel.Address, _channel.Options.ConnectTimeout);

        // The server may notice the deadline before our own timer does.
        return status.StatusCode == StatusCode.Cancelled && _options.Deadline is { } deadline
            && deadline.ToUniversalTime() <= _channel.Options.TimeProvider.GetUtcNow().UtcDateTime
            ? DeadlineStatus()
            : status;
    }

    private static Status DeadlineStatus() => new(StatusCode.DeadlineExceeded, "The deadline has passed.");

    private void OnDeadline() => End(DeadlineStatus(), Metadata.Empty);

    private void OnCancelled(string detail) => End(new Status(StatusCode.Cancelled, detail), Metadata.Empty);

    /// <summary>
    /// Settles the status, once, and lets go of everything. The stream is reset unless it has ended by itself.
    /// </summary>
    private void End(Status status, Metadata trailers)
    {
        if (Interlocked.Exchange(ref _isEnding, 1) != 0)
        {
            return;
        }

        _trailers = trailers;
        _ended.SetResult(status);
        Release();
        (_content as RequestStreamContent)?.Stop();
        _cancellation.Cancel();
        _response?.Dispose();
    }

    private void Release()
    {
        _deadlineTimer?.Dispose();
        _callerRegistration.Unregister();
        _channelRegistration.Unregister();
    }
}
