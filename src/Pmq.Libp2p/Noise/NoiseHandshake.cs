using System.Security.Cryptography;
using Pmq.Core.Cryptography;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;

namespace Pmq.Libp2p.Noise;

/// <summary>
/// A libp2p Noise handshake as a pure state machine: messages in and out as spans, without their length prefix. One
/// owner; a violation ends it.
/// </summary>
/// <remarks>
/// The signature over the static key and the expected peer id are verified before anything else of a payload is used.
/// <para><b>Spec</b>: libp2p specs, noise/README.md rev. 5; connections/inlined-muxer-negotiation.md.</para>
/// <para><b>Limits</b>: <see cref="NoiseOptions"/>.</para>
/// <para><b>Deviations</b>: without a muxer in common the handshake succeeds and the muxer is left to
/// multistream-select, as go-libp2p does, where the specification would fail it.</para>
/// </remarks>
internal sealed class NoiseHandshake : IDisposable
{
    private readonly NoiseXX _xx;
    private readonly NoiseIdentity _identity;
    private readonly PeerId? _expectedPeer;
    private readonly IReadOnlyList<string> _muxers;
    private readonly NoiseOptions _options;
    private readonly byte[] _extensions;
    private int _nextMessage = 1;

    /// <summary>Starts a handshake.</summary>
    /// <param name="isInitiator">Whether we dialed.</param>
    /// <param name="identity">Who we are; borrowed.</param>
    /// <param name="expectedPeer">Who must answer; null accepts anybody who proves an identity.</param>
    /// <param name="muxers">The muxers offered, most wanted first, each at most 64 bytes.</param>
    /// <param name="options">Limits.</param>
    /// <param name="entropy">Where the ephemeral key comes from.</param>
    public NoiseHandshake(
        bool isInitiator,
        NoiseIdentity identity,
        PeerId? expectedPeer,
        IReadOnlyList<string> muxers,
        NoiseOptions options,
        IEntropySource entropy)
    {
        IsInitiator = isInitiator;
        _identity = identity;
        _expectedPeer = expectedPeer;
        _muxers = muxers;
        _options = options;
        _extensions = NoisePayload.EncodeMuxers(muxers);
        _xx = new NoiseXX(identity.StaticKey, X25519PrivateKey.Generate(entropy));
    }

    /// <summary>Whether we dialed.</summary>
    public bool IsInitiator { get; }

    /// <summary>Whether all three messages have been exchanged.</summary>
    public bool IsComplete => _nextMessage == 4;

    /// <summary>Whether the next message is ours to write.</summary>
    public bool WritesNext => !IsComplete && (_nextMessage != 2) == IsInitiator;

    /// <summary>The largest message that we write.</summary>
    public int MaxOutboundLength => NoiseXX.SecondOverhead + _identity.Payload.Length + _extensions.Length;

    /// <summary>The identity key that the peer proved; set before <see cref="IsComplete"/>.</summary>
    public PublicKey? RemotePublicKey { get; private set; }

    /// <summary>The peer id of <see cref="RemotePublicKey"/>.</summary>
    public PeerId? RemotePeer { get; private set; }

    /// <summary>The muxer that both sides picked; null leaves it to multistream-select.</summary>
    public string? Muxer { get; private set; }

    /// <summary>Judges the length of the next message of the peer before a byte of it is buffered.</summary>
    public NoiseViolation CheckLength(int length)
    {
        (int shortest, int longest) = _nextMessage switch
        {
            1 => (NoiseXX.FirstLength, NoiseXX.FirstLength),
            2 => (NoiseXX.SecondOverhead, NoiseXX.SecondOverhead + _options.MaxPayloadBytes),
            _ => (NoiseXX.ThirdOverhead, NoiseXX.ThirdOverhead + _options.MaxPayloadBytes),
        };
        if (length < shortest)
        {
            return NoiseViolation.MessageTooShort;
        }

        return length <= longest ? NoiseViolation.None
            : _nextMessage == 1 ? NoiseViolation.FirstMessageHasPayload
            : NoiseViolation.MessageTooLong;
    }

    /// <summary>Writes our next message.</summary>
    /// <param name="destination">At least <see cref="MaxOutboundLength"/> bytes.</param>
    /// <param name="written">The bytes of the message.</param>
    public NoiseViolation WriteMessage(Span<byte> destination, out int written)
    {
        Invariant.Check(WritesNext);
        if (_nextMessage == 1)
        {
            written = _xx.WriteFirst(destination);
            _nextMessage = 2;
            return NoiseViolation.None;
        }

        Span<byte> payload = stackalloc byte[_identity.Payload.Length + _extensions.Length];
        _identity.Payload.CopyTo(payload);
        _extensions.CopyTo(payload[_identity.Payload.Length..]);
        NoiseViolation violation = _nextMessage == 2
            ? _xx.WriteSecond(payload, destination)
            : _xx.WriteThird(payload, destination);
        written = payload.Length + (_nextMessage == 2 ? NoiseXX.SecondOverhead : NoiseXX.ThirdOverhead);
        _nextMessage++;
        return violation;
    }

    /// <summary>Takes the peer's next message, which is decrypted in place.</summary>
    public NoiseViolation ReadMessage(Span<byte> message)
    {
        Invariant.Check(!WritesNext && !IsComplete);
        NoiseViolation violation = CheckLength(message.Length);
        if (violation != NoiseViolation.None)
        {
            return violation;
        }

        if (_nextMessage == 1)
        {
            _xx.ReadFirst(message);
            _nextMessage = 2;
            return NoiseViolation.None;
        }

        violation = _nextMessage == 2
            ? _xx.ReadSecond(message, out ReadOnlySpan<byte> payload)
            : _xx.ReadThird(message, out payload);
        if (violation == NoiseViolation.None)
        {
            violation = Authenticate(payload);
        }

        if (violation == NoiseViolation.None)
        {
            _nextMessage++;
        }

        return violation;
    }

    /// <summary>The cipher states of the completed handshake; the caller owns them.</summary>
    public (NoiseCipher Send, NoiseCipher Receive) Split()
    {
        Invariant.Check(IsComplete && RemotePeer is not null);
        (NoiseCipher initiator, NoiseCipher responder) = _xx.Split(_options.MaxMessagesPerKey);
        return IsInitiator ? (initiator, responder) : (responder, initiator);
    }

    /// <summary>Erases the secrets of the handshake; the cipher states live on.</summary>
    public void Dispose() => _xx.Dispose();

    private NoiseViolation Authenticate(ReadOnlySpan<byte> bytes)
    {
        if (!NoisePayload.TryDecode(bytes, out NoisePayload payload))
        {
            return NoiseViolation.MalformedPayload;
        }

        if (payload.IdentityKey.IsEmpty || payload.Signature.IsEmpty)
        {
            return NoiseViolation.IdentityMissing;
        }

        if (!PublicKey.TryDecode(payload.IdentityKey, out PublicKey? key))
        {
            return NoiseViolation.BadIdentityKey;
        }

        Span<byte> signed = stackalloc byte[NoisePayload.SignedLength];
        NoisePayload.WriteSigned(_xx.RemoteStatic, signed);
        if (key!.Verify(signed, payload.Signature) != SignatureVerdict.Valid)
        {
            return NoiseViolation.BadSignature;
        }

        PeerId peer = PeerId.FromPublicKey(key);
        if (_expectedPeer is not null && !CryptographicOperations.FixedTimeEquals(peer.Bytes, _expectedPeer.Bytes))
        {
            return NoiseViolation.WrongPeer;
        }

        RemotePublicKey = key;
        RemotePeer = peer;
        Muxer = payload.SelectMuxer(_muxers, IsInitiator, _options.MaxMuxers);
        return NoiseViolation.None;
    }
}
