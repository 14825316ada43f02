using System.Globalization;
using Pmq.Core.Addresses;

namespace Pmq.Libp2p.Transport.Memory;

/// <summary>
/// The addresses <c>/memory/N</c> of one process: hosts that share a network reach each other by them. Thread-safe.
/// </summary>
public sealed class MemoryNetwork
{
    private const string Prefix = "/memory/";

    // Numbers that are picked start high, so that they do not meet the ones that people choose.
    private const ulong FirstPicked = 1UL << 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, MemoryListener> _listeners = [];
    private ulong _picked = FirstPicked;

    /// <summary>The network of hosts that were given none of their own.</summary>
    public static MemoryNetwork Shared { get; } = new();

    /// <summary>
    /// Ends the host that listens on <paramref name="address"/> as a crash would, for tests: all its connections break,
    /// nobody is told, nothing is flushed, and the address refuses from then on.
    /// </summary>
    /// <returns>Whether anybody listened there.</returns>
    public bool Kill(Multiaddr address)
    {
        MemoryListener? listener;
        lock (_gate)
        {
            listener = _listeners.GetValueOrDefault(address.WithoutPeer().ToString());
        }

        listener?.Owner.Kill();
        return listener is not null;
    }

    internal static bool IsMemory(Multiaddr address)
    {
        string text = address.WithoutPeer().ToString();
        return text.StartsWith(Prefix, StringComparison.Ordinal) && !text.AsSpan(Prefix.Length).Contains('/');
    }

    internal MemoryListener Listen(MemoryTransport owner, Multiaddr address)
    {
        string text = address.WithoutPeer().ToString();
        lock (_gate)
        {
            if (text == Prefix + "0")
            {
                text = Pick();
            }

            var listener = new MemoryListener(owner, Multiaddr.Parse(text), this);
            if (!_listeners.TryAdd(text, listener))
            {
                throw new IOException($"Cannot listen on {text}: the address is taken.");
            }

            return listener;
        }
    }

    internal Multiaddr PickAddress()
    {
        lock (_gate)
        {
            return Multiaddr.Parse(Pick());
        }
    }

    internal MemoryListener? Find(Multiaddr address)
    {
        lock (_gate)
        {
            return _listeners.GetValueOrDefault(address.WithoutPeer().ToString());
        }
    }

    internal void Remove(MemoryListener listener)
    {
        string text = listener.LocalAddress.ToString();
        lock (_gate)
        {
            if (ReferenceEquals(_listeners.GetValueOrDefault(text), listener))
            {
                _listeners.Remove(text);
            }
        }
    }

    private string Pick() => Prefix + (_picked++).ToString(CultureInfo.InvariantCulture);
}
