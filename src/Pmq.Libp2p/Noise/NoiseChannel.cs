using Pmq.Core.Identity;
using Pmq.Libp2p.Transport;

namespace Pmq.Libp2p.Noise;

/// <summary>
/// A transport connection after a completed handshake: it carries a negotiation in Noise frames when the muxer was not
/// agreed early, and is then taken over by the muxer with everything that is still buffered.
/// </summary>
internal sealed class NoiseChannel : IUpgradeDuplex, IAsyncDisposable
{
    /// <summary>The connection under the channel; disposed with it.</summary>
    public ITransportConnection Transport => throw new NotImplementedException();

    /// <summary>The identity key that the peer proved.</summary>
    public PublicKey RemotePublicKey => throw new NotImplementedException();

    /// <summary>The peer id of <see cref="RemotePublicKey"/>.</summary>
    public PeerId RemotePeer => throw new NotImplementedException();

    /// <summary>The muxer agreed within the handshake; null when it must be negotiated over this channel.</summary>
    public string? Muxer => throw new NotImplementedException();

    /// <inheritdoc />
    /// <exception cref="IOException">The transport broke, or the peer broke the channel.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
