using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pmq.Core.Encoding;
using Pmq.Core.Identity;

namespace Pmq.Core.Addresses;

/// <summary>
/// A self-describing network address, as <c>/ip4/127.0.0.1/tcp/4001/p2p/12D3…</c>. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Spec: multiformats multiaddr. An address has at least one part, at most <see cref="MaxComponents"/>, and at most
/// <see cref="MaxLength"/> bytes; a part of an unknown protocol makes the whole address unreadable. Names hold
/// printable ASCII only, since addresses come from strangers and go to logs.
/// </remarks>
public sealed class Multiaddr : IEquatable<Multiaddr>
{
    /// <summary>
    /// The longest binary address, in bytes; ours: a relayed WebTransport address with two hashes has about 250.
    /// </summary>
    public const int MaxLength = 1024;

    /// <summary>The most parts of an address; ours: a relayed WebTransport address has about 10.</summary>
    public const int MaxComponents = 16;

    // Text is at most twice the binary form, and 17 characters for each name.
    private const int MaxTextLength = (2 * MaxLength) + (MaxComponents * 17);

    private readonly byte[] _bytes;
    private readonly int _hashCode;
    private string? _text;

    private Multiaddr(byte[] bytes)
    {
        _bytes = bytes;
        var hash = default(HashCode);
        hash.AddBytes(bytes);
        _hashCode = hash.ToHashCode();
    }

    /// <summary>The binary form.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The peer id of the last part, when that is a /p2p part; null without one.</summary>
    public PeerId? Peer => LastPeer(out _, out PeerId? peer) ? peer : null;

    /// <summary>Whether both are the same address.</summary>
    public static bool operator ==(Multiaddr? left, Multiaddr? right) =>
        left is null ? right is null : left.Equals(right);

    /// <summary>Whether they are different addresses.</summary>
    public static bool operator !=(Multiaddr? left, Multiaddr? right) => !(left == right);

    /// <summary>Parses text; false, with the reason, if it is not a multiaddr that we know every part of.</summary>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out Multiaddr? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        if (string.IsNullOrEmpty(text) || text[0] != '/')
        {
            error = "a multiaddr starts with \"/\"";
            return false;
        }

        if (text.Length > MaxTextLength)
        {
            error = $"longer than {MaxTextLength} characters";
            return false;
        }

        Span<byte> bytes = stackalloc byte[MaxLength];
        error = Parse(text.AsSpan().TrimEnd('/'), bytes, out int length);
        if (error is null)
        {
            address = new Multiaddr(bytes[..length].ToArray());
            return true;
        }

        return false;
    }

    /// <summary>As <see cref="TryParse"/>.</summary>
    /// <exception cref="FormatException">The text is no multiaddr; the message says why.</exception>
    public static Multiaddr Parse(string text) => TryParse(text, out Multiaddr? address, out string? error)
        ? address
        : throw new FormatException($"\"{text}\" is no multiaddr: {error}.");

    /// <summary>Parses the binary form; any bytes give an address or false.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Multiaddr? address)
    {
        address = null;
        if (bytes.Length is 0 or > MaxLength)
        {
            return false;
        }

        int count = 0;
        bool ended = false;
        var components = new MultiaddrEnumerator(bytes);
        while (components.MoveNext())
        {
            MultiaddrComponent component = components.Current;
            if (++count > MaxComponents || ended || !MultiaddrValue.IsValid(component.Protocol.Kind, component.Value))
            {
                return false;
            }

            // In text a path takes the rest of the address, so nothing can follow it.
            ended = component.Protocol.Kind == MultiaddrValueKind.Path;
        }

        if (components.Malformed)
        {
            return false;
        }

        address = new Multiaddr(bytes.ToArray());
        return true;
    }

    /// <summary>
    /// /ip4|ip6/…/tcp/… of an endpoint; an IPv4 address mapped into IPv6 becomes ip4, a scope becomes ip6zone.
    /// </summary>
    public static Multiaddr FromEndPoint(IPEndPoint endPoint)
    {
        IPAddress ip = endPoint.Address.IsIPv4MappedToIPv6 ? endPoint.Address.MapToIPv4() : endPoint.Address;
        string zone = ip.AddressFamily == AddressFamily.InterNetworkV6 && ip.ScopeId != 0
            ? string.Create(CultureInfo.InvariantCulture, $"/ip6zone/{ip.ScopeId}")
            : string.Empty;
        string family = ip.AddressFamily == AddressFamily.InterNetworkV6 ? "ip6" : "ip4";
        ReadOnlySpan<byte> raw = ip.GetAddressBytes();
        return Parse(string.Create(
            CultureInfo.InvariantCulture, $"{zone}/{family}/{new IPAddress(raw)}/tcp/{endPoint.Port}"));
    }

    /// <summary>/memory/<paramref name="number"/>: an address of the in-memory transport.</summary>
    public static Multiaddr FromMemory(ulong number) =>
        Parse(string.Create(CultureInfo.InvariantCulture, $"/memory/{number}"));

    /// <summary>
    /// The IP endpoint, when the address is exactly ip4|ip6 + tcp; a numeric ip6zone before it and a /p2p after it are
    /// allowed.
    /// </summary>
    public bool TryGetEndPoint([NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        endPoint = null;
        MultiaddrEnumerator components = GetEnumerator();
        long zone = 0;
        if (components.MoveNext() && components.Current.Code == MultiaddrCode.Ip6Zone)
        {
            if (!long.TryParse(components.Current.Value, NumberStyles.None, CultureInfo.InvariantCulture, out zone)
                || zone > uint.MaxValue || !components.MoveNext() || components.Current.Code != MultiaddrCode.Ip6)
            {
                return false;
            }
        }

        if (components.Current.Code is not (MultiaddrCode.Ip4 or MultiaddrCode.Ip6))
        {
            return false;
        }

        ReadOnlySpan<byte> ip = components.Current.Value;
        if (!components.MoveNext() || components.Current.Code != MultiaddrCode.Tcp)
        {
            return false;
        }

        int port = BinaryPrimitives.ReadUInt16BigEndian(components.Current.Value);
        if (components.MoveNext() && (components.Current.Code != MultiaddrCode.P2p || components.MoveNext()))
        {
            return false;
        }

        endPoint = new IPEndPoint(ip.Length == 4 ? new IPAddress(ip) : new IPAddress(ip, zone), port);
        return true;
    }

    /// <summary>The number, when the address is exactly /memory/N; a /p2p after it is allowed.</summary>
    public bool TryGetMemory(out ulong number)
    {
        number = 0;
        MultiaddrEnumerator components = GetEnumerator();
        if (!components.MoveNext() || components.Current.Code != MultiaddrCode.Memory)
        {
            return false;
        }

        number = BinaryPrimitives.ReadUInt64BigEndian(components.Current.Value);
        return !components.MoveNext() || (components.Current.Code == MultiaddrCode.P2p && !components.MoveNext());
    }

    /// <summary>Enumerates the parts in order, without allocating.</summary>
    public MultiaddrEnumerator GetEnumerator() => new(_bytes);

    /// <summary>
    /// The address without an ending /p2p part; the same instance when it has none, or is nothing else.
    /// </summary>
    public Multiaddr WithoutPeer() =>
        LastPeer(out int start, out _) && start > 0 ? new Multiaddr(_bytes[..start]) : this;

    /// <summary>
    /// The address ending in /p2p/<paramref name="peer"/>, in place of another peer if it ends in one. This may make
    /// it one part longer than an address that is parsed can be.
    /// </summary>
    public Multiaddr WithPeer(PeerId peer)
    {
        int start = LastPeer(out int existing, out _) ? existing : _bytes.Length;
        Span<byte> suffix = stackalloc byte[4 + PeerId.MaxLength];

        // /p2p: varint(421) varint(length) multihash.
        int length = Varint.Write(suffix, MultiaddrCode.P2p);
        length += Varint.Write(suffix[length..], (ulong)peer.Bytes.Length);
        peer.Bytes.CopyTo(suffix[length..]);
        length += peer.Bytes.Length;
        return new Multiaddr([.. _bytes.AsSpan(0, start), .. suffix[..length]]);
    }

    /// <inheritdoc />
    public bool Equals(Multiaddr? other) =>
        ReferenceEquals(this, other)
        || (other is not null && _hashCode == other._hashCode && _bytes.AsSpan().SequenceEqual(other._bytes));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Multiaddr);

    /// <inheritdoc />
    public override int GetHashCode() => _hashCode;

    /// <summary>The text form.</summary>
    public override string ToString() => _text ??= Format();

    private static string? Parse(ReadOnlySpan<char> text, Span<byte> bytes, out int length)
    {
        length = 0;
        int count = 0;
        if (text.IsEmpty)
        {
            return "it has no parts";
        }

        while (!text.IsEmpty)
        {
            ReadOnlySpan<char> name = NextPart(ref text);
            if (MultiaddrProtocol.Find(name) is not { } protocol)
            {
                return $"\"{name}\" is no protocol known here";
            }

            if (++count > MaxComponents)
            {
                return $"more than {MaxComponents} parts";
            }

            ReadOnlySpan<char> value = default;
            if (protocol.Kind == MultiaddrValueKind.Path)
            {
                value = text;
                text = default;
            }
            else if (protocol.Kind != MultiaddrValueKind.None)
            {
                value = text.IsEmpty ? default : NextPart(ref text);
            }

            if (Append(protocol, value, bytes, ref length) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private static string? Append(MultiaddrProtocol protocol, ReadOnlySpan<char> text, Span<byte> bytes, ref int length)
    {
        Span<byte> value = stackalloc byte[MaxLength];
        int valueLength = 0;
        if (protocol.Kind != MultiaddrValueKind.None
            && !MultiaddrValue.TryParse(protocol.Kind, text, value, out valueLength))
        {
            return text.IsEmpty ? $"/{protocol.Name} lacks its value" : $"\"{text}\" is no value of /{protocol.Name}";
        }

        int prefixLength = Varint.LengthOf((ulong)protocol.Code)
            + (protocol.FixedLength < 0 ? Varint.LengthOf((ulong)valueLength) : 0);
        if (length + prefixLength + valueLength > bytes.Length)
        {
            return $"longer than {MaxLength} bytes";
        }

        length += Varint.Write(bytes[length..], (ulong)protocol.Code);
        if (protocol.FixedLength < 0)
        {
            length += Varint.Write(bytes[length..], (ulong)valueLength);
        }

        value[..valueLength].CopyTo(bytes[length..]);
        length += valueLength;
        return null;
    }

    /// <summary>Takes "/part" from the start of the text.</summary>
    private static ReadOnlySpan<char> NextPart(scoped ref ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> rest = text[1..];
        int end = rest.IndexOf('/');
        ReadOnlySpan<char> part = end < 0 ? rest : rest[..end];
        text = rest[part.Length..];
        return part;
    }

    private bool LastPeer(out int start, out PeerId? peer)
    {
        MultiaddrEnumerator components = GetEnumerator();
        MultiaddrComponent last = default;
        while (components.MoveNext())
        {
            last = components.Current;
        }

        start = last.Start;
        peer = null;
        return last.Code == MultiaddrCode.P2p && PeerId.TryFromBytes(last.Value, out peer);
    }

    private string Format()
    {
        var text = new StringBuilder();
        foreach (MultiaddrComponent component in this)
        {
            text.Append('/').Append(component.Name);
            if (component.Protocol.Kind != MultiaddrValueKind.None)
            {
                text.Append('/').Append(component.Text);
            }
        }

        return text.ToString();
    }
}
