using System.Buffers;
using Pmq.Core.Identity;
using Pmq.Libp2p.Transport;

namespace Pmq.Libp2p.Noise;

/// <summary>
/// A transport connection after a completed handshake: it carries a negotiation in Noise frames when the muxer was not
/// agreed early, and is then taken over by the muxer with everything that is still buffered.
/// </summary>
/// <remarks>One read and one write at a time, and neither while the other runs: a negotiation takes turns.</remarks>
internal sealed class NoiseChannel : IUpgradeDuplex, IAsyncDisposable
{
    private byte[] _pending;
    private ReadOnlyMemory<byte> _plaintext;

    /// <summary>Takes over what a handshake left.</summary>
    public NoiseChannel(
        ITransportConnection transport,
        PublicKey remotePublicKey,
        PeerId remotePeer,
        string? muxer,
        NoiseCipher send,
        NoiseCipher receive,
        NoiseReceiveBuffer received,
        byte[] pending)
    {
        Transport = transport;
        RemotePublicKey = remotePublicKey;
        RemotePeer = remotePeer;
        Muxer = muxer;
        SendCipher = send;
        ReceiveCipher = receive;
        Received = received;
        _pending = pending;
    }

    /// <summary>The connection under the channel; disposed with it.</summary>
    public ITransportConnection Transport { get; }

    /// <summary>The identity key that the peer proved.</summary>
    public PublicKey RemotePublicKey { get; }

    /// <summary>The peer id of <see cref="RemotePublicKey"/>.</summary>
    public PeerId RemotePeer { get; }

    /// <summary>The muxer agreed within the handshake; null when it must be negotiated over this channel.</summary>
    public string? Muxer { get; }

    /// <summary>
    /// What the peer did wrong; it is behind every <see cref="IOException"/> of the channel that names one.
    /// </summary>
    public NoiseViolation Violation { get; private set; }

    /// <summary>Encrypts what we send.</summary>
    internal NoiseCipher SendCipher { get; }

    /// <summary>Decrypts what we receive.</summary>
    internal NoiseCipher ReceiveCipher { get; }

    /// <summary>Frames received and not decrypted yet.</summary>
    internal NoiseReceiveBuffer Received { get; }

    /// <inheritdoc />
    /// <exception cref="IOException">The transport broke, or the peer broke the channel.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_pending.Length > 0)
        {
            await Transport.SendAsync(TakePending(), cancellationToken);
        }

        while (_plaintext.IsEmpty)
        {
            if (Received.TryTake(out Memory<byte> frame))
            {
                Check(ReceiveCipher.Decrypt(frame.Span));
                _plaintext = frame[..^NoiseCipher.TagLength];
                continue;
            }

            int received = await Transport.ReceiveAsync(Received.GetFree(capacity: 1024), cancellationToken);
            if (received == 0)
            {
                if (!Received.IsEmpty)
                {
                    Check(NoiseViolation.Truncated);
                }

                return 0;
            }

            Received.Commit(received);
        }

        int length = Math.Min(buffer.Length, _plaintext.Length);
        _plaintext[..length].CopyTo(buffer);
        _plaintext = _plaintext[length..];
        return length;
    }

    /// <inheritdoc />
    /// <exception cref="IOException">The transport broke, or no nonce is left.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        do
        {
            int length = Math.Min(data.Length, NoiseFrame.MaxPlaintextSent);
            int frame = NoiseFrame.PrefixLength + length + NoiseCipher.TagLength;
            byte[] buffer = LinkBuffers.Rent(_pending.Length + frame);
            try
            {
                int start = _pending.Length;
                TakePending().CopyTo(buffer, 0);
                Span<byte> message = buffer.AsSpan(start + NoiseFrame.PrefixLength);
                NoiseFrame.WritePrefix(buffer.AsSpan(start), length + NoiseCipher.TagLength);
                data.Span[..length].CopyTo(message);
                if (!SendCipher.TryEncrypt(message, length))
                {
                    Check(NoiseViolation.NonceExhausted);
                }

                await Transport.SendAsync(buffer.AsMemory(0, start + frame), cancellationToken);
            }
            finally
            {
                LinkBuffers.Return(buffer);
            }

            data = data[length..];
        }
        while (!data.IsEmpty);
    }

    /// <summary>Ends the transport and erases the keys.</summary>
    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync();
        SendCipher.Dispose();
        ReceiveCipher.Dispose();
        Received.Dispose();
    }

    /// <summary>Takes the framed handshake message that has not been sent yet; empty if none.</summary>
    internal byte[] TakePending()
    {
        byte[] pending = _pending;
        _pending = [];
        return pending;
    }

    /// <summary>
    /// Takes what was decrypted and not read by the negotiation; it must be used before <see cref="Received"/> is.
    /// </summary>
    internal ReadOnlyMemory<byte> TakePlaintext()
    {
        ReadOnlyMemory<byte> plaintext = _plaintext;
        _plaintext = default;
        return plaintext;
    }

    private void Check(NoiseViolation violation)
    {
        if (violation != NoiseViolation.None)
        {
            Violation = violation;
            NoiseMetrics.CountViolation(violation);
            throw new IOException($"noise: {violation}");
        }
    }
}
