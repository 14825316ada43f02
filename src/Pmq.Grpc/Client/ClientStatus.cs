using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Grpc.Core;
using Pmq.Grpc.Wire;

namespace Pmq.Grpc.Client;

/// <summary>What a call ends with, by what HTTP says. The one place where exceptions become statuses.</summary>
internal static class ClientStatus
{
    /// <summary>The status that a server sent; null when there is none among these headers.</summary>
    /// <remarks>Spec: gRPC over HTTP/2, Trailers. A status that is not a known number reads UNKNOWN.</remarks>
    public static Status? Read(HttpHeaders headers)
    {
        // grpc-status: 1*DIGIT | grpc-message: percent-encoded
        if (!headers.NonValidated.TryGetValues(GrpcHeaders.Status, out var values))
        {
            return null;
        }

        var text = values.ToString();
        var detail = headers.NonValidated.TryGetValues(GrpcHeaders.Message, out var message)
            ? StatusMessage.Decode(message.ToString())
            : "";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            && code <= (int)StatusCode.Unauthenticated
            ? new Status((StatusCode)code, detail)
            : new Status(StatusCode.Unknown, $"The server sent grpc-status '{text}'. {detail}".TrimEnd());
    }

    /// <summary>What is wrong with the start of a response; null when nothing is.</summary>
    /// <remarks>Spec: gRPC, "HTTP to gRPC Status Code Mapping".</remarks>
    public static Status? Check(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var code = response.StatusCode switch
            {
                HttpStatusCode.BadRequest => StatusCode.Internal,
                HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
                HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
                HttpStatusCode.NotFound => StatusCode.Unimplemented,
                HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
                    or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
                _ => StatusCode.Unknown,
            };
            return new Status(code, $"The server answered HTTP {(int)response.StatusCode}, which is not gRPC.");
        }

        var contentType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values)
            ? values.ToString()
            : "";
        return GrpcHeaders.IsGrpc(contentType)
            ? null
            : new Status(
                StatusCode.Unknown, $"The server answered with content type '{contentType}', which is not gRPC.");
    }

    /// <summary>The status of a call that failed without one from the server.</summary>
    public static Status Of(Exception exception, GrpcAddress address, TimeSpan connectTimeout)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case RpcException rpc:
                    return rpc.Status;
                case HttpProtocolException protocol:
                    return OfReset(protocol, address);
                case TimeoutException:
                    return new Status(
                        StatusCode.Unavailable,
                        $"Cannot connect to {address}: no answer within {connectTimeout.TotalSeconds} s.");
                case HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }:
                    return new Status(StatusCode.ResourceExhausted, $"The headers from {address} exceed the limit.");
                case HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError
                } connect:
                    return new Status(
                        StatusCode.Unavailable,
                        $"Cannot connect to {address}: {(connect.InnerException ?? connect).Message}");
            }
        }

        return exception is HttpRequestException or IOException or SocketException
            ? Lost(exception, address)
            : exception is OperationCanceledException
                ? new Status(StatusCode.Cancelled, "The call was cancelled.")
                : new Status(StatusCode.Internal, $"The call failed: {exception.Message}");
    }

    /// <summary>Spec: gRPC over HTTP/2, Errors. RFC 9113 §7 names the codes.</summary>
    private static Status OfReset(HttpProtocolException exception, GrpcAddress address) => exception.ErrorCode switch
    {
        // Deviation: the specification says INTERNAL for NO_ERROR and PROTOCOL_ERROR. HttpClient reports by them a
        // connection that was closed in order, one that does not answer pings, and one that does not speak HTTP/2.
        0 or 1 or 13 => Lost(exception, address),
        7 => new Status(StatusCode.Unavailable, $"{address} has refused the call: REFUSED_STREAM."),
        8 => new Status(StatusCode.Cancelled, $"{address} has cancelled the call."),
        11 => new Status(StatusCode.ResourceExhausted, $"{address} is asked too much: ENHANCE_YOUR_CALM."),
        12 => new Status(StatusCode.PermissionDenied, $"{address} wants better security: INADEQUATE_SECURITY."),
        _ => new Status(StatusCode.Internal, $"{address} has reset the call: HTTP/2 error {exception.ErrorCode}."),
    };

    private static Status Lost(Exception exception, GrpcAddress address) =>
        new(StatusCode.Unavailable, $"The connection to {address} was lost: {exception.Message}");
}
