using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Pmq.Grpc.Framing;
using Pmq.Grpc.Wire;

namespace Pmq.Grpc.Server;

/// <summary>A call under way on the server: one HTTP/2 stream.</summary>
internal sealed class ServerCall : ServerCallContext, IDisposable
{
    /// <summary>The longest timer there is; a deadline beyond it never fires.</summary>
    private static readonly TimeSpan MaxTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly GrpcServer _server;
    private readonly HttpContext _http;
    private readonly CancellationTokenSource _cancellation;
    private readonly ITimer? _deadlineTimer;
    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private FrameWriter? _writer;
    private bool _hasWritten;
    private bool _isEnded;
    private volatile bool _isDeadlineExceeded;

    public ServerCall(GrpcServer server, HttpContext http, TimeSpan? timeout, bool isUnary)
    {
        _server = server;
        _http = http;

        // A unary call that has begun is let finish while the server stops; a stream would never end by itself.
        _cancellation = isUnary
            ? CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted)
            : CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, server.Stopping);
        CancellationToken = _cancellation.Token;
        Deadline = DateTime.MaxValue;
        if (timeout is { } span && span <= MaxTimer)
        {
            Deadline = server.Options.TimeProvider.GetUtcNow().UtcDateTime + span;
            _deadlineTimer = server.Options.TimeProvider.CreateTimer(
                static state => ((ServerCall)state!).OnDeadline(), this, span, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public override string Method => _http.Request.Path.Value ?? "";

    /// <inheritdoc/>
    public override string Host => _http.Request.Host.Value ?? "";

    /// <inheritdoc/>
    public override string Peer => _http.Connection.RemoteIpAddress switch
    {
        { IsIPv4MappedToIPv6: true } mapped => $"ipv4:{mapped.MapToIPv4()}:{_http.Connection.RemotePort}",
        { AddressFamily: AddressFamily.InterNetwork } v4 => $"ipv4:{v4}:{_http.Connection.RemotePort}",
        { } v6 => $"ipv6:[{v6}]:{_http.Connection.RemotePort}",
        null => "unix:",
    };

    /// <inheritdoc/>
    public override DateTime Deadline { get; }

    /// <inheritdoc/>
    public override Metadata RequestHeaders => _requestHeaders ??= ReadRequestHeaders();

    /// <inheritdoc/>
    public override CancellationToken CancellationToken { get; }

    /// <inheritdoc/>
    public override Metadata ResponseTrailers => _responseTrailers ??= [];

    /// <inheritdoc/>
    public override Status Status { get; set; } = Status.DefaultSuccess;

    /// <summary>The HTTP request that carries the call.</summary>
    public HttpContext Http => _http;

    public bool IsDeadlineExceeded => _isDeadlineExceeded;

    public bool IsClientGone => _http.RequestAborted.IsCancellationRequested;

    public bool IsServerStopping => _server.Stopping.IsCancellationRequested;

    /// <summary>Ends a call of which nothing has been read: headers alone, which are the trailers.</summary>
    public static void Refuse(HttpContext http, Status status)
    {
        http.Response.ContentType = GrpcHeaders.ContentType;
        WriteStatus(http.Response.Headers, status, Metadata.Empty);
    }

    /// <summary>Reads the only request of a call.</summary>
    /// <exception cref="RpcException">There is none, or more than one.</exception>
    public async ValueTask<T> ReadSingleAsync<T>(Marshaller<T> marshaller)
        where T : class
    {
        var requests = RequestStream(marshaller);
        if (!await requests.MoveNext(CancellationToken.None))
        {
            throw new RpcException(
                new Status(StatusCode.Unimplemented, "The call has no request; this method takes one."));
        }

        var request = requests.Current;
        return !await requests.MoveNext(CancellationToken.None)
            ? request
            : throw new RpcException(
                new Status(StatusCode.Unimplemented, "The call has several requests; this method takes one."));
    }

    /// <summary>Writes the only response of a call; it leaves together with the trailers.</summary>
    public void WriteSingle<T>(T response, Marshaller<T> marshaller)
    {
        // A handler that sets another status has nothing else to say.
        if (Status.StatusCode == StatusCode.OK)
        {
            Write(
                response ?? throw new InvalidOperationException($"The method {Method} returned no response."),
                marshaller);
        }
    }

    public ServerStreamReader<T> RequestStream<T>(Marshaller<T> marshaller)
        where T : class =>
        new(this, new MessageReader<T>(
            _http.Request.BodyReader,
            marshaller,
            _server.Options.MaxReceiveMessageBytes,
            _server.Options.ReceiveLimitName));

    public ServerStreamWriter<T> ResponseStream<T>(Marshaller<T> marshaller) => new(this, marshaller);

    /// <inheritdoc/>
    public override async Task WriteResponseHeadersAsync(Metadata responseHeaders)
    {
        if (_hasWritten || _isEnded)
        {
            throw new InvalidOperationException("The response headers are already sent.");
        }

        MetadataCodec.Append(responseHeaders, _http.Response.Headers);
        BeginBody();
        await _http.Response.StartAsync(CancellationToken);
        await FlushAsync().AsTask().WaitAsync(CancellationToken);
    }

    /// <summary>Puts a message into the response's buffer.</summary>
    public void Write<T>(T message, Marshaller<T> marshaller)
    {
        ObjectDisposedException.ThrowIf(_isEnded, this);
        if (!_hasWritten)
        {
            BeginBody();
        }

        try
        {
            _writer ??= new FrameWriter(_http.Response.BodyWriter);
            _writer.Write(message, marshaller);
        }
        catch
        {
            // Half a message is in the buffer: the client must not take what follows for the rest of it.
            _http.Abort();
            throw;
        }
    }

    /// <summary>
    /// Hands what was written to the connection; ends when the connection has room for more of this call.
    /// </summary>
    public ValueTask<FlushResult> FlushAsync() => _http.Response.BodyWriter.FlushAsync(CancellationToken.None);

    /// <summary>Sends the status, in the trailers or, if nothing has been sent, as headers alone.</summary>
    public void End(Status status, Metadata trailers)
    {
        _isEnded = true;
        if (_hasWritten)
        {
            if (_http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { IsReadOnly: false } target)
            {
                WriteStatus(target, status, trailers);
            }
        }
        else if (!_http.Response.HasStarted)
        {
            _http.Response.ContentType = GrpcHeaders.ContentType;
            WriteStatus(_http.Response.Headers, status, trailers);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isEnded = true;
        _deadlineTimer?.Dispose();
        _cancellation.Dispose();
    }

    private static void WriteStatus(IHeaderDictionary target, Status status, Metadata trailers)
    {
        // grpc-status | grpc-message (only when there is one) | custom metadata
        target[GrpcHeaders.Status] = ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
        if (status.Detail.Length > 0)
        {
            target[GrpcHeaders.Message] = StatusMessage.Encode(status.Detail);
        }

        MetadataCodec.Append(trailers, target);
    }

    private void BeginBody()
    {
        _hasWritten = true;
        _http.Response.ContentType = GrpcHeaders.ContentType;
    }

    private void OnDeadline()
    {
        _isDeadlineExceeded = true;
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call ended while the timer fired.
        }
    }

    private Metadata ReadRequestHeaders()
    {
        var metadata = new Metadata();
        foreach (var (name, values) in _http.Request.Headers)
        {
            foreach (var value in values)
            {
                if (!MetadataCodec.Decode(name, value ?? "", metadata))
                {
                    throw new RpcException(new Status(StatusCode.Internal, $"The metadata '{name}' is not base64."));
                }
            }
        }

        return metadata;
    }
}
