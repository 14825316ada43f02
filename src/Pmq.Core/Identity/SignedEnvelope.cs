namespace Pmq.Core.Identity;

/// <summary>A signed, typed payload (libp2p RFC 0002): public_key=1, payload_type=2, payload=3, signature=5.</summary>
public sealed class SignedEnvelope
{
    /// <summary>The signer.</summary>
    public required PublicKey PublicKey { get; init; }

    /// <summary>What the payload is.</summary>
    public required ReadOnlyMemory<byte> PayloadType { get; init; }

    /// <summary>The signed bytes.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The whole envelope as it was encoded.</summary>
    public required ReadOnlyMemory<byte> Encoded { get; init; }

    /// <summary>Signs and encodes.</summary>
    public static SignedEnvelope Seal(PrivateKey key, string domain, ReadOnlySpan<byte> payloadType, ReadOnlySpan<byte> payload) => throw new NotImplementedException();

    /// <summary>Decodes and verifies against <paramref name="domain"/>; null when anything is wrong.</summary>
    public static SignedEnvelope? TryOpen(ReadOnlyMemory<byte> encoded, string domain) => throw new NotImplementedException();
}
