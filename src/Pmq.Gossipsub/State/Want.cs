namespace Pmq.Gossipsub.State;

/// <summary>An id that was asked for: of whom, until when, and who else has advertised it.</summary>
internal struct Want
{
    public GossipPeer Asked;
    public TimeSpan Deadline;

    /// <summary>Heartbeat and number of the IHAVE RPC that it was asked for upon; 0 for one asked again.</summary>
    public (long Heartbeat, int Rpc) Batch;

    public GossipPeer? Next0;
    public GossipPeer? Next1;
    public GossipPeer? Next2;

    /// <summary>Notes another advertiser; beyond three they are not noted, and may advertise again.</summary>
    public void AddAdvertiser(GossipPeer peer)
    {
        if (peer == Asked || peer == Next0 || peer == Next1 || peer == Next2)
        {
            return;
        }

        if (Next0 is null)
        {
            Next0 = peer;
        }
        else if (Next1 is null)
        {
            Next1 = peer;
        }
        else
        {
            Next2 ??= peer;
        }
    }

    /// <summary>The next advertiser that is still there; null if none is left.</summary>
    public GossipPeer? TakeNext()
    {
        while (Next0 is not null)
        {
            GossipPeer peer = Next0;
            (Next0, Next1, Next2) = (Next1, Next2, null);
            if (!peer.IsRemoved)
            {
                return peer;
            }
        }

        return null;
    }
}
