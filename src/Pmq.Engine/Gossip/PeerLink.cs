using System.Net;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub;

namespace Pmq.Engine.Gossip;

/// <summary>
/// What the driver holds of a connected peer, from the host's word that it came to its word that it went.
/// </summary>
internal sealed class PeerLink : IDisposable
{
    private static readonly CloseReason Gone = new(CloseKind.LocalClose, "gossipsub: the peer is gone");

    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CloseReason? _disconnectFor;

    public PeerLink(PeerId id, OutboundQueue outbound)
    {
        Id = id;
        Outbound = outbound;
        Ending = _ending.Token;
    }

    public PeerId Id { get; }

    public OutboundQueue Outbound { get; }

    /// <summary>Signalled when the link's loop is to end.</summary>
    public CancellationToken Ending { get; }

    /// <summary>Wakes the link's loop when the peer has told new protocols.</summary>
    public AsyncSignal Identified { get; } = new();

    /// <summary>The loop that opens and feeds the outbound stream. Owned by the driver.</summary>
    public Task Loop { get; set; } = Task.CompletedTask;

    /// <summary>Why the peer is to be disconnected; null while it is not.</summary>
    public CloseReason? DisconnectFor => Volatile.Read(ref _disconnectFor);

    /// <summary>The peer in the router; null while no outbound stream is open. Belongs to the router's owner.</summary>
    public GossipPeer? Core { get; set; }

    /// <summary>The reader of the newest inbound stream. Belongs to the router's owner.</summary>
    public InboundReader? Reader { get; set; }

    /// <summary>Completes when the router knows the peer for the first time.</summary>
    public Task WhenKnown => _known.Task;

    /// <summary>
    /// Since when no outbound stream is open; null while one is. Belongs to the router's owner.
    /// </summary>
    public TimeSpan? DownSince { get; set; }

    /// <summary>The peer's signed addresses, as identify told; empty for none. Belongs to the router's owner.</summary>
    public ReadOnlyMemory<byte> SignedRecord { get; set; }

    /// <summary>The IP addresses that the router was told. Belongs to the router's owner.</summary>
    public List<IPAddress> Addresses { get; set; } = [];

    /// <summary>Scratch of the router's owner: empty between heartbeats.</summary>
    public List<IPAddress> FoundAddresses { get; set; } = [];

    /// <summary>Whether the host has said that the peer is connected. Belongs to the router's owner.</summary>
    public bool IsConnected { get; set; }

    /// <summary>Lets readers begin.</summary>
    public void OnKnown() => _known.TrySetResult();

    /// <summary>Ends the link's loop.</summary>
    public void End()
    {
        _ending.Cancel();
        Identified.Set();
        Outbound.Wake();
    }

    /// <summary>
    /// Has the link's loop disconnect the peer as its last act. The first reason stands; once disposed it does nothing.
    /// </summary>
    public void Disconnect(CloseReason reason)
    {
        if (Interlocked.CompareExchange(ref _disconnectFor, reason, null) is null)
        {
            End();
        }
    }

    /// <summary>Once the loop has ended.</summary>
    public void Dispose()
    {
        // A reader that is late with what it found out must not cancel what is gone.
        Interlocked.CompareExchange(ref _disconnectFor, Gone, null);
        _ending.Dispose();
    }
}
