using Pmq.Core.Hosting;
using Pmq.Core.Identity;

namespace Pmq.Libp2p.Swarm;

/// <summary>Which protocols are served, by whom, and how many streams of each a peer has open. Thread-safe.</summary>
internal sealed class ProtocolTable
{
    /// <summary>A token of multistream-select holds 1024 bytes with its newline.</summary>
    private const int MaxProtocolBytes = 1023;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Served> _served = [];
    private readonly List<string> _order = [];
    private readonly Dictionary<(string Protocol, PeerId Peer), int> _streams = [];
    private IReadOnlyList<string> _snapshot = [];

    /// <summary>The protocols in the order of their registration.</summary>
    public IReadOnlyList<string> Protocols => Volatile.Read(ref _snapshot);

    /// <summary>Serves <paramref name="protocol"/>.</summary>
    public void Add(string protocol, StreamHandler handler, int maxStreamsPerPeer)
    {
        ArgumentException.ThrowIfNullOrEmpty(protocol);
        ArgumentNullException.ThrowIfNull(handler);
        if (System.Text.Encoding.UTF8.GetByteCount(protocol) > MaxProtocolBytes || protocol.Contains('\n'))
        {
            throw new ArgumentException(
                $"A protocol id has at most {MaxProtocolBytes} bytes and no newline.", nameof(protocol));
        }

        lock (_gate)
        {
            if (!_served.TryAdd(protocol, new Served(handler, maxStreamsPerPeer)))
            {
                throw new InvalidOperationException($"{protocol} has a handler already.");
            }

            _order.Add(protocol);
            Volatile.Write(ref _snapshot, [.. _order]);
        }
    }

    /// <summary>Stops serving <paramref name="protocol"/>; false if it was not served.</summary>
    public bool Remove(string protocol)
    {
        lock (_gate)
        {
            if (!_served.Remove(protocol))
            {
                return false;
            }

            _order.Remove(protocol);
            Volatile.Write(ref _snapshot, [.. _order]);
            return true;
        }
    }

    /// <summary>Whether <paramref name="protocol"/> is served.</summary>
    public bool Serves(string protocol)
    {
        lock (_gate)
        {
            return _served.ContainsKey(protocol);
        }
    }

    /// <summary>Counts one more stream of <paramref name="peer"/>; null, and nothing counted, when it has too many.</summary>
    /// <param name="protocol">A protocol that was served when it was negotiated.</param>
    /// <param name="peer">Who opened the stream.</param>
    /// <param name="known">False when the protocol is no longer served.</param>
    public StreamHandler? TryEnter(string protocol, PeerId peer, out bool known)
    {
        lock (_gate)
        {
            known = _served.TryGetValue(protocol, out Served? served);
            int open = _streams.GetValueOrDefault((protocol, peer));
            if (!known || open >= served!.MaxStreamsPerPeer)
            {
                return null;
            }

            _streams[(protocol, peer)] = open + 1;
            return served.Handler;
        }
    }

    /// <summary>A stream that entered has ended.</summary>
    public void Leave(string protocol, PeerId peer)
    {
        lock (_gate)
        {
            if (--_streams[(protocol, peer)] == 0)
            {
                _streams.Remove((protocol, peer));
            }
        }
    }

    private sealed record Served(StreamHandler Handler, int MaxStreamsPerPeer);
}
