using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Pmq.Core.Encoding;

namespace Pmq.Core.Identity;

/// <summary>The multihash of a peer's public key: its name on the network. Immutable and thread-safe.</summary>
/// <remarks>
/// Spec: libp2p peer-ids. The protobuf form of the key itself (identity multihash) when it is at most 42 bytes, else
/// its SHA-256. Parsing does not judge an inlined key: <see cref="InlinedPublicKey"/> does.
/// </remarks>
public sealed class PeerId : IEquatable<PeerId>, IComparable<PeerId>
{
    /// <summary>The longest binary peer id, in bytes.</summary>
    public const int MaxLength = 2 + MaxInlineKeyLength;

    // Peer-ids specification: keys whose protobuf form is no longer are not hashed.
    private const int MaxInlineKeyLength = 42;
    private const int MaxTextLength = 80;

    // CIDv1: version 1, codec libp2p-key.
    private const byte CidVersion1 = 0x01;
    private const byte Libp2pKeyCodec = 0x72;

    private readonly byte[] _bytes;
    private readonly int _hashCode;
    private string? _text;
    private PublicKey? _key;
    private bool _keyDecoded;

    private PeerId(byte[] bytes)
    {
        _bytes = bytes;
        var hash = default(HashCode);
        hash.AddBytes(bytes);
        _hashCode = hash.ToHashCode();
    }

    /// <summary>The multihash: 34 bytes (sha2-256), or 3 to 44 (identity).</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>As <see cref="Bytes"/>, for queues and messages that outlive the caller. Never written to.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>
    /// The key inlined in the id; null when the id is a hash of the key, or what it inlines is no key.
    /// </summary>
    public PublicKey? InlinedPublicKey
    {
        get
        {
            // A race decodes twice, to equal keys.
            if (!Volatile.Read(ref _keyDecoded))
            {
                if (_bytes[0] == Multihash.Identity && PublicKey.TryDecode(_bytes.AsSpan(2), out PublicKey? key))
                {
                    _key = key;
                }

                Volatile.Write(ref _keyDecoded, true);
            }

            return _key;
        }
    }

    /// <summary>Whether both name the same peer.</summary>
    public static bool operator ==(PeerId? left, PeerId? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether they name different peers.</summary>
    public static bool operator !=(PeerId? left, PeerId? right) => !(left == right);

    /// <summary>The peer id of <paramref name="key"/>.</summary>
    public static PeerId FromPublicKey(PublicKey key)
    {
        ReadOnlySpan<byte> protobuf = key.Protobuf;
        if (protobuf.Length <= MaxInlineKeyLength)
        {
            return new PeerId(Multihash.Create(Multihash.Identity, protobuf)) { _key = key, _keyDecoded = true };
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(protobuf, digest);
        return new PeerId(Multihash.Create(Multihash.Sha256, digest));
    }

    /// <summary>Parses a binary peer id; false if it is not one.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out PeerId? peer)
    {
        peer = IsValid(bytes) ? new PeerId(bytes.ToArray()) : null;
        return peer is not null;
    }

    /// <summary>Parses base58btc (<c>12D3KooW…</c>, <c>16Uiu2…</c>, <c>Qm…</c>) or CIDv1 text (<c>bafz…</c>).</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PeerId? peer) =>
        TryParse(text.AsSpan(), out peer);

    /// <inheritdoc cref="TryParse(string?, out PeerId?)"/>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out PeerId? peer)
    {
        peer = null;
        if (text.Length is 0 or > MaxTextLength)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[MaxTextLength];
        int length;

        // Peer-ids specification: "1" and "Qm" start a bare multihash in base58btc, all else is a CID in multibase.
        if (text[0] == '1' || text.StartsWith("Qm", StringComparison.Ordinal))
        {
            return Multibase.TryFromBase58(text, bytes, out length) && TryFromBytes(bytes[..length], out peer);
        }

        // CIDv1: varint(1) varint(0x72 libp2p-key) multihash.
        return Multibase.TryDecode(text, bytes, out length)
            && length > 2 && bytes[0] == CidVersion1 && bytes[1] == Libp2pKeyCodec
            && TryFromBytes(bytes[2..length], out peer);
    }

    /// <summary>As <see cref="TryParse(string?, out PeerId?)"/>.</summary>
    /// <exception cref="FormatException">The text is no peer id.</exception>
    public static PeerId Parse(string text) => TryParse(text, out PeerId? peer)
        ? peer
        : throw new FormatException($"\"{text}\" is no peer id: expected base58btc as 12D3KooW… or a CIDv1 as bafz…");

    /// <inheritdoc />
    public bool Equals(PeerId? other) =>
        ReferenceEquals(this, other)
        || (other is not null && _hashCode == other._hashCode && _bytes.AsSpan().SequenceEqual(other._bytes));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as PeerId);

    /// <summary>A hash of the bytes; keyed per process, so that no peer can choose ids that collide.</summary>
    public override int GetHashCode() => _hashCode;

    /// <summary>Compares the bytes, unsigned and lexicographically: the same order on every peer.</summary>
    public int CompareTo(PeerId? other) => other is null ? 1 : _bytes.AsSpan().SequenceCompareTo(other._bytes);

    /// <summary>base58btc.</summary>
    public override string ToString() => _text ??= Multibase.ToBase58(_bytes);

    /// <summary>CIDv1 in base32, as <c>bafz…</c>.</summary>
    public string ToCid() => "b" + Multibase.ToBase32([CidVersion1, Libp2pKeyCodec, .. _bytes]);

    /// <summary>
    /// Whether <paramref name="bytes"/> are a peer id: a SHA-256 multihash or a short, not empty identity one.
    /// </summary>
    internal static bool IsValid(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MaxLength && Multihash.TryRead(bytes, out ulong code, out ReadOnlySpan<byte> digest)
        && (code == Multihash.Sha256 || (code == Multihash.Identity && !digest.IsEmpty));
}
