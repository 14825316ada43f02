namespace Grpc.Core;

/// <summary>A call as its handler sees it.</summary>
internal abstract class ServerCallContext
{
    /// <summary>The path: <c>/service/method</c>.</summary>
    public abstract string Method { get; }

    /// <summary>The authority that the client asked for.</summary>
    public abstract string Host { get; }

    /// <summary>Who calls: <c>ipv4:ADDRESS:PORT</c>, <c>ipv6:[ADDRESS]:PORT</c> or <c>unix:</c>.</summary>
    public abstract string Peer { get; }

    /// <summary>UTC; <see cref="DateTime.MaxValue"/> when the client set none.</summary>
    public abstract DateTime Deadline { get; }

    /// <summary>What the client sent ahead, without the headers of the protocol.</summary>
    /// <exception cref="RpcException">A binary header is not base64.</exception>
    public abstract Metadata RequestHeaders { get; }

    /// <summary>Cancelled when the client has gone, the deadline has passed or the server stops.</summary>
    public abstract CancellationToken CancellationToken { get; }

    /// <summary>Metadata to send after the last message.</summary>
    public abstract Metadata ResponseTrailers { get; }

    /// <summary>How the call ends when the handler returns; OK by default.</summary>
    public abstract Status Status { get; set; }

    /// <summary>Sends the headers now, so that the client sees the call accepted before the first message.</summary>
    /// <exception cref="InvalidOperationException">The headers are already sent.</exception>
    public abstract Task WriteResponseHeadersAsync(Metadata responseHeaders);
}
