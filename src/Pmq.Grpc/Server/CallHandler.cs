using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Pmq.Grpc.Wire;

namespace Pmq.Grpc.Server;

/// <summary>The life of a call to one method: checks, the handler, the status.</summary>
/// <param name="server">What all calls share.</param>
/// <param name="method">The path, as metrics name it.</param>
/// <param name="isUnary">A call that is not a stream is let finish when the server stops.</param>
/// <param name="invoke">The handler with what it reads and writes.</param>
internal sealed class CallHandler(GrpcServer server, string method, bool isUnary, Func<ServerCall, Task> invoke)
{
    public async Task HandleAsync(HttpContext http)
    {
        if (!HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        if (!GrpcHeaders.IsGrpc(http.Request.ContentType))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        // A stream may be of any length: each message has its own limit.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bodySize)
        {
            bodySize.MaxRequestBodySize = null;
        }

        GrpcServerMetrics.Started();
        var status = await RunAsync(http);
        GrpcServerMetrics.Ended(method, status.StatusCode);
    }

    private async Task<Status> RunAsync(HttpContext http)
    {
        if (CheckHeaders(http, out var timeout) is { StatusCode: not StatusCode.OK } refusal)
        {
            ServerCall.Refuse(http, refusal);
            return refusal;
        }

        using var call = new ServerCall(server, http, timeout, isUnary);
        try
        {
            await invoke(call);
            call.End(call.Status, call.ResponseTrailers);
            return call.Status;
        }
        catch (Exception exception)
        {
            var status = ServerStatus.Of(exception, call);
            if (ServerStatus.IsFault(exception, call))
            {
                Log.HandlerFailed(server.Logger, method, exception);
            }

            call.End(
                status, exception is RpcException rpc && rpc.Trailers.Count > 0 ? rpc.Trailers : call.ResponseTrailers);
            return status;
        }
    }

    private Status CheckHeaders(HttpContext http, out TimeSpan? timeout)
    {
        timeout = null;
        if (server.Options.Authorize?.Invoke(http) is { StatusCode: not StatusCode.OK } denied)
        {
            return denied;
        }

        if (server.Stopping.IsCancellationRequested)
        {
            return ServerStatus.ShuttingDown;
        }

        var headers = http.Request.Headers;
        if (headers.TryGetValue(GrpcHeaders.Encoding, out var encoding)
            && !string.Equals(encoding, GrpcHeaders.Identity, StringComparison.OrdinalIgnoreCase))
        {
            http.Response.Headers[GrpcHeaders.AcceptEncoding] = GrpcHeaders.Identity;
            return new Status(
                StatusCode.Unimplemented, $"The message encoding '{encoding}' is not supported: send 'identity'.");
        }

        if (headers.TryGetValue(GrpcHeaders.Timeout, out var text))
        {
            if (!GrpcTimeout.TryParse(text.ToString(), out var parsed))
            {
                return new Status(
                    StatusCode.Internal, $"grpc-timeout '{text}' is not 1 to 8 digits and one of H M S m u n.");
            }

            timeout = parsed;
        }

        return Status.DefaultSuccess;
    }
}
