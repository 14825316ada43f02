using Pmq.Core.Hosting;
using Pmq.Core.Identity;

namespace Pmq.Libp2p.Swarm;

/// <summary>
/// What the observers have not been told yet. A pure core: one owner. It keeps states instead of a queue of events, so
/// that a slow observer costs one entry a peer however fast peers come and go: what came and went unseen is not told.
/// </summary>
internal sealed class PeerEvents
{
    private readonly Dictionary<PeerId, State> _states = [];
    private readonly Queue<PeerId> _changed = [];

    /// <summary>The first connection to <paramref name="peer"/> is open.</summary>
    public void Connected(PeerId peer, IConnection connection)
    {
        State state = Change(peer);
        state.Connection = connection;
        state.Description = null;
    }

    /// <summary>What a connected peer says of itself; ignored when it is not connected or says nothing new.</summary>
    public void Identified(PeerId peer, PeerDescription description)
    {
        if (_states.TryGetValue(peer, out State? state) && state.Connection is not null
            && (state.Description is null || !SaysTheSame(state.Description, description)))
        {
            Change(peer).Description = description;
        }
    }

    /// <summary>The last connection to <paramref name="peer"/> is gone.</summary>
    public void Disconnected(PeerId peer, CloseReason reason)
    {
        State state = Change(peer);
        state.Connection = null;
        state.Description = null;
        state.Reason = reason;
    }

    /// <summary>The description of a connected peer; null before identify has completed.</summary>
    public PeerDescription? Describe(PeerId peer) => _states.GetValueOrDefault(peer)?.Description;

    /// <summary>Appends what is to be told now, and counts it as told.</summary>
    public void Take(List<PeerEvent> events)
    {
        while (_changed.TryDequeue(out PeerId? peer))
        {
            State state = _states[peer];
            state.Queued = false;
            if (state.ToldConnection is not null && !ReferenceEquals(state.ToldConnection, state.Connection))
            {
                events.Add(new PeerEvent.Disconnected(peer, state.Reason));
                state.ToldConnection = null;
                state.ToldDescription = null;
            }

            if (state.Connection is null)
            {
                _states.Remove(peer);
                continue;
            }

            if (state.ToldConnection is null)
            {
                events.Add(new PeerEvent.Connected(peer, state.Connection));
                state.ToldConnection = state.Connection;
            }

            if (state.Description is not null && !ReferenceEquals(state.Description, state.ToldDescription))
            {
                events.Add(new PeerEvent.Identified(peer, state.Description));
                state.ToldDescription = state.Description;
            }
        }
    }

    /// <summary>Appends what an observer that comes now must hear to know what the others have been told.</summary>
    public void Replay(List<PeerEvent> events)
    {
        foreach ((PeerId peer, State state) in _states)
        {
            if (state.ToldConnection is not null)
            {
                events.Add(new PeerEvent.Connected(peer, state.ToldConnection));
            }

            if (state.ToldDescription is not null)
            {
                events.Add(new PeerEvent.Identified(peer, state.ToldDescription));
            }
        }
    }

    /// <summary>The lists of a record are compared by reference, so it is done here.</summary>
    private static bool SaysTheSame(PeerDescription one, PeerDescription other) =>
        one.Protocols.SequenceEqual(other.Protocols)
        && one.ListenAddresses.SequenceEqual(other.ListenAddresses)
        && one.SignedRecord.Span.SequenceEqual(other.SignedRecord.Span)
        && one == other with
        {
            Protocols = one.Protocols,
            ListenAddresses = one.ListenAddresses,
            SignedRecord = one.SignedRecord,
        };

    private State Change(PeerId peer)
    {
        if (!_states.TryGetValue(peer, out State? state))
        {
            state = new State();
            _states.Add(peer, state);
        }

        if (!state.Queued)
        {
            state.Queued = true;
            _changed.Enqueue(peer);
        }

        return state;
    }

    private sealed class State
    {
        public IConnection? Connection { get; set; }

        public PeerDescription? Description { get; set; }

        public CloseReason Reason { get; set; } = new(CloseKind.RemoteClose);

        public IConnection? ToldConnection { get; set; }

        public PeerDescription? ToldDescription { get; set; }

        public bool Queued { get; set; }
    }
}
