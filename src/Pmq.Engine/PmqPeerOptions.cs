using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pmq.Core.Addresses;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub;

namespace Pmq.Engine;

/// <summary>How a <see cref="PmqPeer"/> runs.</summary>
public sealed record PmqPeerOptions
{
    /// <summary>The identity; null makes a fresh Ed25519 key.</summary>
    public PrivateKey? Identity { get; init; }

    /// <summary>Where to listen; empty listens nowhere. <c>/memory/N</c> listens in process. Default <c>/ip4/127.0.0.1/tcp/0</c>.</summary>
    public IReadOnlyList<Multiaddr> ListenAddresses { get; init; } = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")];

    /// <summary>Peers to stay connected to: dialed at start and again, with backoff, whenever they are gone.</summary>
    public IReadOnlyList<Multiaddr> Peers { get; init; } = [];

    /// <summary>Topics joined at start.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Whether messages wait for a verifier; a topic can differ. Default <see cref="ValidationMode.Required"/>.</summary>
    public ValidationMode Validation { get; init; } = ValidationMode.Required;

    /// <summary>How long a message waits for its verdict before it is ignored. Default 5 s.</summary>
    public TimeSpan VerdictTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether our own publications pass our own verifier first. Default false: the node vouches for them.</summary>
    public bool ValidateOwn { get; init; }

    /// <summary>The signature policy of topics that do not set their own. Default <see cref="Gossipsub.SignaturePolicy.StrictNoSign"/>.</summary>
    public SignaturePolicy SignaturePolicy { get; init; } = SignaturePolicy.StrictNoSign;

    /// <summary>The agent version that identify tells, after <c>p2pmq/</c>. Default empty: <c>p2pmq</c>.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Chance; null takes the CSPRNG.</summary>
    public Chance? Chance { get; init; }

    /// <summary>Logs.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Metrics; null makes meters of its own.</summary>
    public IMeterFactory? MeterFactory { get; init; }
}
