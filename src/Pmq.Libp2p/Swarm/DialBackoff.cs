using Pmq.Core.Addresses;
using Pmq.Core.Identity;

namespace Pmq.Libp2p.Swarm;

/// <summary>
/// Which addresses of which peers failed lately and are left alone for a while. A pure core: one owner, told the time.
/// </summary>
internal sealed class DialBackoff(DialBackoffOptions options)
{
    private readonly Dictionary<(PeerId, Multiaddr), LinkedListNode<Failure>> _failures = [];
    private readonly LinkedList<Failure> _oldestFirst = [];

    /// <summary>Addresses remembered.</summary>
    public int Count => _failures.Count;

    /// <summary>Whether the address may be dialed now.</summary>
    public bool MayDial(PeerId peer, Multiaddr address, TimeSpan now) =>
        !_failures.TryGetValue((peer, address), out LinkedListNode<Failure>? node) || now >= node.Value.Until;

    /// <summary>A dial of the address failed.</summary>
    public void Failed(PeerId peer, Multiaddr address, TimeSpan now)
    {
        int earlier = 0;
        if (_failures.Remove((peer, address), out LinkedListNode<Failure>? node))
        {
            _oldestFirst.Remove(node);

            // A failure that is older than the longest backoff says nothing of today.
            earlier = now - node.Value.Until > options.Max ? 0 : node.Value.Count;
        }
        else if (_failures.Count >= options.MaxEntries)
        {
            Failure oldest = _oldestFirst.First!.Value;
            _oldestFirst.RemoveFirst();
            _failures.Remove((oldest.Peer, oldest.Address));
        }

        var failure = new Failure(peer, address, Math.Min(earlier + 1, 1 << 15), now + BackoffAfter(earlier));
        _failures.Add((peer, address), _oldestFirst.AddLast(failure));
    }

    /// <summary>The address led to the peer.</summary>
    public void Succeeded(PeerId peer, Multiaddr address)
    {
        if (_failures.Remove((peer, address), out LinkedListNode<Failure>? node))
        {
            _oldestFirst.Remove(node);
        }
    }

    /// <summary>The peer has shown that it is there: all its addresses may be tried again.</summary>
    public void Forgive(PeerId peer)
    {
        for (LinkedListNode<Failure>? node = _oldestFirst.First; node is not null;)
        {
            LinkedListNode<Failure>? next = node.Next;
            if (node.Value.Peer.Equals(peer))
            {
                _oldestFirst.Remove(node);
                _failures.Remove((node.Value.Peer, node.Value.Address));
            }

            node = next;
        }
    }

    private TimeSpan BackoffAfter(int earlierFailures)
    {
        double seconds = options.Base.TotalSeconds
            + (options.Coefficient.TotalSeconds * earlierFailures * earlierFailures);
        return TimeSpan.FromSeconds(Math.Min(seconds, options.Max.TotalSeconds));
    }

    private sealed record Failure(PeerId Peer, Multiaddr Address, int Count, TimeSpan Until);
}
