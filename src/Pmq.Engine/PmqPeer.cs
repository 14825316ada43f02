using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;

namespace Pmq.Engine;

/// <summary>A peer in your own process: host, gossipsub and validation behind one object. Thread-safe.</summary>
public sealed class PmqPeer : IAsyncDisposable
{
    /// <summary>Starts to listen, joins the topics of the options and dials their peers in the background.</summary>
    /// <exception cref="PmqOptionsException">An option is out of range or contradicts another.</exception>
    /// <exception cref="IOException">An address cannot be listened on; the message names it.</exception>
    public static ValueTask<PmqPeer> StartAsync(PmqPeerOptions options, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Who we are.</summary>
    public PeerId LocalPeer => throw new NotImplementedException();

    /// <summary>Addresses that can be dialed, each ending in /p2p/….</summary>
    public IReadOnlyList<Multiaddr> ListenAddresses => throw new NotImplementedException();

    /// <summary>The host under it.</summary>
    public IHost Host => throw new NotImplementedException();

    /// <summary>The topics that are subscribed now, sorted.</summary>
    public IReadOnlyList<string> Topics => throw new NotImplementedException();

    /// <summary>Publishes <paramref name="data"/> on <paramref name="topic"/>, subscribed or not.</summary>
    /// <param name="topic">The overlay.</param>
    /// <param name="data">Copied before the call returns.</param>
    /// <param name="cancellationToken">Ends the wait, not the publication once it has begun.</param>
    /// <returns>Whom it reached; see <see cref="PublishOutcome"/>.</returns>
    /// <exception cref="PublishException">Empty or oversized data, bad topic, rate limit; nothing was sent.</exception>
    public ValueTask<PublishOutcome> PublishAsync(string topic, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Joins an overlay; true if it was not joined before.</summary>
    /// <exception cref="PublishException">The topic is empty, too long or refused by the subscription filter.</exception>
    public ValueTask<bool> SubscribeAsync(string topic, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Leaves an overlay; true if it was joined.</summary>
    public ValueTask<bool> UnsubscribeAsync(string topic, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Listens to accepted messages, from now on; it never subscribes by itself.</summary>
    public MessageListener Listen(ListenOptions options) => throw new NotImplementedException();

    /// <summary>Attaches a verifier: it is handed each message of its topics before it is delivered or passed on.</summary>
    public VerifierAttachment AttachVerifier(VerifierOptions options) => throw new NotImplementedException();

    /// <summary>What is known of every connected peer.</summary>
    public ValueTask<IReadOnlyList<PeerSnapshot>> GetPeersAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Leaves the overlays, says goodbye to the peers and closes; what is in flight ends within two seconds.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
