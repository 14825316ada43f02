using System.Security.Cryptography.X509Certificates;

namespace Pmq.Client;

/// <summary>How to reach an agent.</summary>
public sealed record PmqClientOptions
{
    /// <summary>
    /// Where the agent serves gRPC: <c>HOST:PORT</c> or <c>unix:PATH</c>. Default <c>127.0.0.1:8001</c>.
    /// </summary>
    public string Address { get; init; } = "127.0.0.1:8001";

    /// <summary>The token that the agent asks for (<c>--grpc-token</c>); null sends none.</summary>
    public string? Token { get; init; }

    /// <summary>Who signs the agent's certificate; null calls without TLS.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Our certificate with its private key, for an agent that asks for one; null shows none.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>
    /// How long an answer may take. Default 10 s (arbitrary). Streams have no such limit once they run.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The first wait before a lost stream is opened again; it doubles. Default 100 ms (arbitrary).</summary>
    public TimeSpan ReconnectMinDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The longest wait before a lost stream is opened again: well below the verdict timeout of an agent, so that no
    /// message is lost for a verifier that was away. Default 1 s (arbitrary).
    /// </summary>
    public TimeSpan ReconnectMaxDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
