using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Pmq.Grpc.Server;

/// <summary>Limits and rules of a gRPC server.</summary>
internal sealed class GrpcServerOptions
{
    /// <summary>
    /// The longest message taken, in bytes, 1 and up. Default 4 MiB, as in other gRPC implementations.
    /// </summary>
    public int MaxReceiveMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// What <see cref="MaxReceiveMessageBytes"/> follows from: told to callers who exceed it. Null tells nothing.
    /// </summary>
    public string? ReceiveLimitName { get; init; }

    /// <summary>
    /// Calls open at once over one connection; HTTP/2 makes the client wait with more. Below 100, clients that begin
    /// with a burst may see calls refused: they assume 100 until they are told. Default 256; arbitrary, may be raised:
    /// each call can hold 64 KiB of responses that its client does not read.
    /// </summary>
    public int MaxCallsPerConnection { get; init; } = 256;

    /// <summary>
    /// Connections open at once, those of other endpoints of the host among them; more are closed at once. Default 128;
    /// arbitrary, may be raised: each call of each connection may hold one message that is still coming in.
    /// </summary>
    public int MaxConnections { get; init; } = 128;

    /// <summary>Bytes of all headers of a call. Default 16 KiB; the specification suggests 8 KiB or more.</summary>
    public int MaxMetadataBytes { get; init; } = 16 * 1024;

    /// <summary>How long a connection may be silent before it is pinged, 1 s and up. Default 20 s.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long the answer to a ping may take before the connection is closed, 1 s and up. Default 10 s.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Asked about every call, of unknown methods too, before anything of it is read. OK lets it in; UNAUTHENTICATED or
    /// PERMISSION_DENIED ends it. Null: everybody may call.
    /// </summary>
    public Func<HttpContext, Status>? Authorize { get; init; }

    /// <summary>The clock of deadlines.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
