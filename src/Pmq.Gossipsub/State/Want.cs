namespace Pmq.Gossipsub.State;

/// <summary>An id that we want: who is asked for it, until when, and who else has advertised it.</summary>
internal struct Want
{
    private GossipPeer? _next0;
    private GossipPeer? _next1;
    private GossipPeer? _next2;

    /// <summary>Who is asked; null while nobody is, until the next heartbeat.</summary>
    public GossipPeer? Asked;

    public TimeSpan Deadline;

    /// <summary>Heartbeat and number of the IHAVE RPC that it was asked for upon; 0 for one asked again.</summary>
    public (long Heartbeat, int Rpc) Batch;

    /// <summary>
    /// Whether it was asked for upon the IHAVE of the one that is asked: an advertiser that is asked later may no longer
    /// have the message, since others keep it but two heartbeats after they advertised it last.
    /// </summary>
    public bool IsPromise;

    /// <summary>
    /// Whether we had the message and lost it by our own fault: those noted have sent it, and have promised nothing.
    /// </summary>
    public bool IsRecovery;

    /// <summary>Whether there was room for it only as one of its IHAVE.</summary>
    public bool IsTrial;

    /// <summary>Whether there is somebody to ask next.</summary>
    public readonly bool HasNext => _next0 is not null;

    /// <summary>Whether there is somebody to ask next who has not lately broken promises.</summary>
    public readonly bool HasReliableNext =>
        _next0 is { PromiseDebt: 0 } || _next1 is { PromiseDebt: 0 } || _next2 is { PromiseDebt: 0 };

    /// <summary>
    /// Notes another advertiser. There is room for three: a better one takes the place of the worst, so that those who
    /// advertise and do not send cannot keep out those who do.
    /// </summary>
    public void AddAdvertiser(GossipPeer peer, PeerPolicy policy)
    {
        if (peer == Asked || peer == _next0 || peer == _next1 || peer == _next2)
        {
            return;
        }

        if (_next0 is null)
        {
            _next0 = peer;
        }
        else if (_next1 is null)
        {
            _next1 = peer;
        }
        else if (_next2 is null)
        {
            _next2 = peer;
        }
        else
        {
            ref GossipPeer? worst = ref _next0;
            worst = ref IsBetter(worst, _next1, policy) ? ref _next1 : ref worst;
            worst = ref IsBetter(worst!, _next2, policy) ? ref _next2 : ref worst;
            if (IsBetter(peer, worst!, policy))
            {
                worst = peer;
            }
        }
    }

    /// <summary>The best advertiser that is still there; null if none is left.</summary>
    public GossipPeer? TakeNext(PeerPolicy policy)
    {
        while (_next0 is not null)
        {
            ref GossipPeer? best = ref _next0;
            best = ref _next1 is not null && IsBetter(_next1, best, policy) ? ref _next1 : ref best;
            best = ref _next2 is not null && IsBetter(_next2, best!, policy) ? ref _next2 : ref best;
            GossipPeer taken = best!;

            // The last one takes its place.
            ref GossipPeer? last = ref _next2;
            last = ref last is null ? ref _next1 : ref last;
            last = ref last is null ? ref _next0 : ref last;
            best = last;
            last = null;
            if (!taken.IsRemoved)
            {
                return taken;
            }
        }

        return null;
    }

    private static bool IsBetter(GossipPeer peer, GossipPeer other, PeerPolicy policy) =>
        peer.PromiseDebt != other.PromiseDebt
        ? peer.PromiseDebt < other.PromiseDebt
        : policy.ScoreOf(peer) > policy.ScoreOf(other);
}
