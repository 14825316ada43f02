using Pmq.Core.Addresses;

namespace Pmq.Libp2p.Transport;

/// <summary>An open listening address. Disposing it ends the listening, not the connections that were accepted.</summary>
internal interface ITransportListener : IAsyncDisposable
{
    /// <summary>Where it listens, the port that was picked filled in, wildcards as they were given.</summary>
    Multiaddr LocalAddress { get; }

    /// <summary>Waits for the next connection; null once the listener has been disposed.</summary>
    ValueTask<ITransportConnection?> AcceptAsync(CancellationToken cancellationToken);
}
