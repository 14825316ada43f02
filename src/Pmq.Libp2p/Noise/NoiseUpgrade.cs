using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Transport;

namespace Pmq.Libp2p.Noise;

/// <summary>Runs one Noise XX handshake over a transport connection. Used once, by one owner.</summary>
internal sealed class NoiseUpgrade : IDisposable
{
    /// <summary>Prepares the handshake; nothing is sent yet.</summary>
    /// <param name="transport">The connection; the caller disposes it if the handshake fails.</param>
    /// <param name="direction">Outbound: we dialed and are the initiator.</param>
    /// <param name="identity">Who we are.</param>
    /// <param name="expectedPeer">Who must answer; null accepts anybody who proves an identity.</param>
    /// <param name="muxers">The muxers offered for early negotiation, most wanted first; empty offers none.</param>
    /// <param name="options">Limits.</param>
    /// <param name="entropy">Where the ephemeral key comes from.</param>
    public NoiseUpgrade(
        ITransportConnection transport,
        ConnectionDirection direction,
        NoiseIdentity identity,
        PeerId? expectedPeer,
        IReadOnlyList<string> muxers,
        NoiseOptions options,
        IEntropySource entropy) => throw new NotImplementedException();

    /// <summary>
    /// Initiator only: takes the framed first message, so that the caller can send it behind its proposal of
    /// <c>/noise</c> and save a round trip. What was not taken, <see cref="RunAsync"/> sends.
    /// </summary>
    public ReadOnlyMemory<byte> TakeFirstMessage() => throw new NotImplementedException();

    /// <summary>
    /// Runs the handshake to its end. The initiator's last message is left to go out with the first write of the
    /// channel (or its first read).
    /// </summary>
    /// <param name="received">Bytes that the caller has read beyond its own negotiation; copied.</param>
    /// <param name="cancellationToken">Ends the handshake, as on a timeout.</param>
    /// <exception cref="IOException">The transport broke.</exception>
    public ValueTask<NoiseUpgradeResult> RunAsync(
        ReadOnlyMemory<byte> received, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc />
    public void Dispose() => throw new NotImplementedException();
}
