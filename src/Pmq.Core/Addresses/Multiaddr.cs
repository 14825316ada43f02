using System.Net;
using Pmq.Core.Identity;

namespace Pmq.Core.Addresses;

/// <summary>A self-describing network address, as <c>/ip4/127.0.0.1/tcp/4001/p2p/12D3…</c>. Immutable.</summary>
public sealed class Multiaddr : IEquatable<Multiaddr>
{
    /// <summary>The binary form.</summary>
    public ReadOnlySpan<byte> Bytes => throw new NotImplementedException();

    /// <summary>Parses text; false, with the reason, if it is not a multiaddr that we know every part of.</summary>
    public static bool TryParse(string? text, out Multiaddr? address, out string? error) => throw new NotImplementedException();

    /// <summary>As <see cref="TryParse"/>.</summary>
    /// <exception cref="FormatException">The text is no multiaddr.</exception>
    public static Multiaddr Parse(string text) => throw new NotImplementedException();

    /// <summary>Parses the binary form; any bytes give an address or false.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out Multiaddr? address) => throw new NotImplementedException();

    /// <summary>/ip4|ip6/…/tcp/… of an endpoint.</summary>
    public static Multiaddr FromEndPoint(IPEndPoint endPoint) => throw new NotImplementedException();

    /// <summary>The IP endpoint, when the address is exactly ip4|ip6 + tcp (an ending /p2p is allowed).</summary>
    public bool TryGetEndPoint(out IPEndPoint? endPoint) => throw new NotImplementedException();

    /// <summary>The peer id of the last /p2p part; null without one.</summary>
    public PeerId? Peer => throw new NotImplementedException();

    /// <summary>The address without an ending /p2p part.</summary>
    public Multiaddr WithoutPeer() => throw new NotImplementedException();

    /// <summary>The address ending in /p2p/<paramref name="peer"/>.</summary>
    public Multiaddr WithPeer(PeerId peer) => throw new NotImplementedException();

    /// <inheritdoc />
    public bool Equals(Multiaddr? other) => throw new NotImplementedException();

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Multiaddr);

    /// <inheritdoc />
    public override int GetHashCode() => throw new NotImplementedException();

    /// <summary>The text form.</summary>
    public override string ToString() => throw new NotImplementedException();
}
