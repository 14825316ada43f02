using System.Net.Security;

namespace Pmq.Grpc.Client;

/// <summary>Limits and credentials of a channel.</summary>
internal sealed class GrpcChannelOptions
{
    /// <summary>
    /// The longest message taken, in bytes, 1 and up. Default 4 MiB, as in other gRPC implementations.
    /// </summary>
    public int MaxReceiveMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Bytes of requests that a streaming call may hold before a write waits. Default 1 MiB; arbitrary, may be raised.
    /// </summary>
    public int MaxSendBufferBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of all headers of a response, in KiB. Default 64, HttpClient's own.</summary>
    public int MaxMetadataKibibytes { get; init; } = 64;

    /// <summary>How long connecting may take. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a connection with open calls may be silent before it is pinged, 1 s and up. Default 20 s.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long the answer to a ping may take before the calls end with UNAVAILABLE, 1 s and up. Default 10 s.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// TLS, with client certificates if the server wants them. Null: plain HTTP/2 with prior knowledge.
    /// </summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>Sent with each call as <c>authorization: Bearer TOKEN</c>. Null: none.</summary>
    public string? BearerToken { get; init; }

    /// <summary>The clock of deadlines.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
