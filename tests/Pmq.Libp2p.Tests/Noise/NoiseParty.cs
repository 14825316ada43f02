using Pmq.Core.Cryptography;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Noise;
using Pmq.Testing;

namespace Pmq.Libp2p.Tests.Noise;

/// <summary>One honest side of handshakes, with its keys from a seed.</summary>
internal sealed class NoiseParty : IDisposable
{
    private readonly IEntropySource _entropy;

    public NoiseParty(ulong seed)
    {
        _entropy = new SeededEntropy(seed);
        PrivateKey = PrivateKey.Generate(KeyType.Ed25519, _entropy);
        Identity = new NoiseIdentity(PrivateKey, _entropy);
        PeerId = PeerId.FromPublicKey(PrivateKey.PublicKey);
    }

    public PrivateKey PrivateKey { get; }

    public NoiseIdentity Identity { get; }

    public PeerId PeerId { get; }

    public NoiseHandshake Start(
        bool isInitiator, PeerId? expected = null, string[]? muxers = null, NoiseOptions? options = null) =>
        new(isInitiator, Identity, expected, muxers ?? ["/yamux/1.0.0"], options ?? NoiseOptions.Default, _entropy);

    /// <summary>The pattern with this party's static key, for peers that send what no honest one sends.</summary>
    public NoiseXX StartRaw() => new(Identity.StaticKey, X25519PrivateKey.Generate(_entropy));

    public static byte[] Write(NoiseHandshake handshake)
    {
        var message = new byte[handshake.MaxOutboundLength];
        Assert.Equal(NoiseViolation.None, handshake.WriteMessage(message, out int written));
        return message[..written];
    }

    /// <summary>Runs both sides to the end; the first violation of either ends it.</summary>
    public static NoiseViolation Run(NoiseHandshake initiator, NoiseHandshake responder)
    {
        while (!initiator.IsComplete || !responder.IsComplete)
        {
            (NoiseHandshake writes, NoiseHandshake reads) =
                initiator.WritesNext ? (initiator, responder) : (responder, initiator);
            NoiseViolation violation = reads.ReadMessage(Write(writes));
            if (violation != NoiseViolation.None)
            {
                return violation;
            }
        }

        return NoiseViolation.None;
    }

    public void Dispose()
    {
        Identity.Dispose();
        PrivateKey.Dispose();
    }
}
