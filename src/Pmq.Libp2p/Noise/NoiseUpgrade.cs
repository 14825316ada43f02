using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Transport;

namespace Pmq.Libp2p.Noise;

/// <summary>Runs one Noise XX handshake over a transport connection. Used once, by one owner.</summary>
internal sealed class NoiseUpgrade : IDisposable
{
    private readonly ITransportConnection _transport;
    private readonly NoiseHandshake _handshake;
    private readonly NoiseReceiveBuffer _received = new();
    private bool _handedOver;

    // Written and not yet sent: framed handshake messages.
    private byte[] _pending = [];

    /// <summary>Prepares the handshake; nothing is sent yet.</summary>
    /// <param name="transport">The connection; the caller disposes it if the handshake fails.</param>
    /// <param name="direction">Outbound: we dialed and are the initiator.</param>
    /// <param name="identity">Who we are; borrowed.</param>
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
        IEntropySource entropy)
    {
        _transport = transport;
        _handshake = new NoiseHandshake(
            direction == ConnectionDirection.Outbound, identity, expectedPeer, muxers, options, entropy);
        if (_handshake.WritesNext)
        {
            // The first message cannot fail: nothing of the peer is in it.
            WritePending();
        }
    }

    /// <summary>
    /// Initiator only: takes the framed first message, so that the caller can send it behind its proposal of
    /// <c>/noise</c> and save a round trip. What was not taken, <see cref="RunAsync"/> sends.
    /// </summary>
    public ReadOnlyMemory<byte> TakeFirstMessage() => TakePending();

    /// <summary>
    /// Runs the handshake to its end. The initiator's last message is left to go out with the first write of the
    /// channel (or its first read).
    /// </summary>
    /// <param name="received">Bytes that the caller has read beyond its own negotiation; copied.</param>
    /// <param name="cancellationToken">Ends the handshake, as on a timeout.</param>
    /// <exception cref="IOException">The transport broke.</exception>
    public async ValueTask<NoiseUpgradeResult> RunAsync(
        ReadOnlyMemory<byte> received, CancellationToken cancellationToken)
    {
        _received.Append(received.Span);
        NoiseViolation violation = await ExchangeAsync(cancellationToken);
        NoiseMetrics.CountHandshake(
            _handshake.IsInitiator ? ConnectionDirection.Outbound : ConnectionDirection.Inbound, violation);
        if (violation != NoiseViolation.None)
        {
            return new NoiseUpgradeResult(null, violation);
        }

        (NoiseCipher send, NoiseCipher receive) = _handshake.Split();
        _handedOver = true;
        var channel = new NoiseChannel(
            _transport,
            _handshake.RemotePublicKey!,
            _handshake.RemotePeer!,
            _handshake.Muxer,
            send,
            receive,
            _received,
            TakePending());
        return new NoiseUpgradeResult(channel, NoiseViolation.None);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _handshake.Dispose();
        if (!_handedOver)
        {
            _received.Dispose();
        }
    }

    private async ValueTask<NoiseViolation> ExchangeAsync(CancellationToken cancellationToken)
    {
        while (!_handshake.IsComplete)
        {
            NoiseViolation violation;
            if (_handshake.WritesNext)
            {
                violation = WritePending();
            }
            else
            {
                if (_pending.Length > 0)
                {
                    await _transport.SendAsync(TakePending(), cancellationToken);
                }

                violation = await ReceiveMessageAsync(cancellationToken);
            }

            if (violation != NoiseViolation.None)
            {
                return violation;
            }
        }

        return NoiseViolation.None;
    }

    private async ValueTask<NoiseViolation> ReceiveMessageAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // The length is judged before the body is buffered.
            if (_received.TryPeekLength(out int length)
                && _handshake.CheckLength(length) is var violation and not NoiseViolation.None)
            {
                return violation;
            }

            if (_received.TryTake(out Memory<byte> message))
            {
                return _handshake.ReadMessage(message.Span);
            }

            int received = await _transport.ReceiveAsync(_received.GetFree(capacity: 1024), cancellationToken);
            if (received == 0)
            {
                return NoiseViolation.Truncated;
            }

            _received.Commit(received);
        }
    }

    private NoiseViolation WritePending()
    {
        var frame = new byte[NoiseFrame.PrefixLength + _handshake.MaxOutboundLength];
        NoiseViolation violation = _handshake.WriteMessage(frame.AsSpan(NoiseFrame.PrefixLength), out int written);
        NoiseFrame.WritePrefix(frame, written);
        _pending = frame[..(NoiseFrame.PrefixLength + written)];
        return violation;
    }

    private byte[] TakePending()
    {
        byte[] pending = _pending;
        _pending = [];
        return pending;
    }
}
