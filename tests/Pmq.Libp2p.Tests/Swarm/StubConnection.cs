using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;

namespace Pmq.Libp2p.Tests.Swarm;

/// <summary>A connection that is only told apart from others.</summary>
internal sealed class StubConnection(long id) : IConnection
{
    public long Id { get; } = id;

    public PeerId RemotePeer => throw new NotSupportedException();

    public PublicKey RemotePublicKey => throw new NotSupportedException();

    public Multiaddr RemoteAddress => throw new NotSupportedException();

    public Multiaddr LocalAddress => throw new NotSupportedException();

    public ConnectionDirection Direction => throw new NotSupportedException();

    public DateTimeOffset EstablishedAt => throw new NotSupportedException();

    public TimeSpan? RoundTripTime => null;

    public int StreamCount => 0;

    public CancellationToken Closed => CancellationToken.None;

    public CloseReason? CloseReason => null;

    public ValueTask<IStream> OpenStreamAsync(IReadOnlyList<string> protocols, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask CloseAsync(CloseReason reason) => throw new NotSupportedException();
}
