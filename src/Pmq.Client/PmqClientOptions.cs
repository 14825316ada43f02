using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Pmq.Grpc;

namespace Pmq.Client;

/// <summary>How to reach an agent.</summary>
public sealed record PmqClientOptions
{
    /// <summary>
    /// Where the agent serves gRPC: <c>HOST:PORT</c> or <c>unix:PATH</c>. Default <c>127.0.0.1:8001</c>.
    /// </summary>
    public string Address { get; set; } = "127.0.0.1:8001";

    /// <summary>The token that the agent asks for (<c>--grpc-token</c>); null sends none.</summary>
    public string? Token { get; set; }

    /// <summary>Who signs the agent's certificate; null calls without TLS.</summary>
    public X509Certificate2Collection? Authorities { get; set; }

    /// <summary>Our certificate with its private key, for an agent that asks for one; null shows none.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>
    /// How long an answer may take, up to one day. Default 10 s (arbitrary). Streams have no such limit once they run.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The first wait before a lost stream is opened again; it doubles. Default 100 ms (arbitrary).</summary>
    public TimeSpan ReconnectMinDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The longest wait before a lost stream is opened again: well below the verdict timeout of an agent, so that no
    /// message is lost for a verifier that was away. Default 1 s (arbitrary).
    /// </summary>
    public TimeSpan ReconnectMaxDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Where lost connections and faults are logged; null logs nothing.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>The address alone: the token is nothing for a log.</summary>
    public override string ToString() => $"{nameof(PmqClientOptions)} {{ {nameof(Address)} = {Address} }}";

    /// <summary>A copy that nobody changes any more.</summary>
    /// <exception cref="PmqClientException">An option is out of range.</exception>
    internal PmqClientOptions Checked()
    {
        Check();
        return this with { };
    }

    /// <exception cref="PmqClientException">An option is out of range.</exception>
    internal void Check()
    {
        OptionRules.Require(
            Address is not null && GrpcAddress.TryParse(Address, out _, out _),
            nameof(Address),
            Address,
            "HOST:PORT or unix:PATH");
        OptionRules.Span(nameof(Timeout), Timeout);
        OptionRules.Span(nameof(ReconnectMinDelay), ReconnectMinDelay);
        OptionRules.Span(nameof(ReconnectMaxDelay), ReconnectMaxDelay);
        OptionRules.Require(
            ReconnectMaxDelay >= ReconnectMinDelay,
            nameof(ReconnectMaxDelay),
            ReconnectMaxDelay,
            $"at least {nameof(ReconnectMinDelay)} ({ReconnectMinDelay})");
        OptionRules.Require(TimeProvider is not null, nameof(TimeProvider), null, "a clock");
    }
}
