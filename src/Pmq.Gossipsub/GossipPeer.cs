using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Protection;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Gossipsub;

/// <summary>
/// A peer as the router knows it, from <see cref="GossipsubRouter.AddPeer"/> to RemovePeer; a handle for the driver.
/// </summary>
public sealed class GossipPeer
{
    internal GossipPeer(PeerId id, PubsubProtocol protocol, ConnectionDirection direction)
    {
        Id = id;
        Protocol = protocol;
        Direction = direction;
    }

    /// <summary>Who it is.</summary>
    public PeerId Id { get; }

    /// <summary>What it speaks on the stream that we opened last.</summary>
    public PubsubProtocol Protocol { get; internal set; }

    /// <summary>Who dialed. Peers that we dialed have places in the mesh kept for them.</summary>
    public ConnectionDirection Direction { get; }

    /// <summary>
    /// The driver's own state of the peer, so that an effect leads there without a lookup. The router never touches it.
    /// </summary>
    public object? DriverState { get; set; }

    /// <summary>Whether it was removed; effects for it may be dropped.</summary>
    public bool IsRemoved { get; internal set; }

    /// <summary>Whether it takes control: all but floodsub.</summary>
    internal bool SpeaksMeshsub => Protocol != PubsubProtocol.Floodsub;

    /// <summary>How it stands; null while scoring is off.</summary>
    internal PeerScore? Score { get; set; }

    /// <summary>What its score allowed at the last heartbeat.</summary>
    internal ScoreBand Band { get; set; }

    /// <summary>The topics that it has announced.</summary>
    internal List<TopicState> Topics { get; } = [];

    /// <summary>What leaves with the next flush.</summary>
    internal Outbox Outbox { get; } = new();

    /// <summary>Whether it stands in the router's list of peers to flush.</summary>
    internal bool IsDirty { get; set; }

    /// <summary>Whether a link with it is agreed on: in no mesh, and sent every message.</summary>
    public bool IsDirect { get; internal set; }

    /// <summary>Its signed envelope with its addresses (RFC 3), for other peers; empty if unknown.</summary>
    internal ReadOnlyMemory<byte> SignedRecord { get; set; }

    /// <summary>The narrowest network that it is connected from; we dial no address that it tells of a narrower one.</summary>
    internal AddressReach Reach { get; set; }

    /// <summary>Stands for it in tables of hashes; no two peers of a router have the same.</summary>
    internal ulong Number { get; init; }

    /// <summary>Messages with a signature that only our own rule refuses, since the last heartbeat.</summary>
    internal int DoubtfulSignatures { get; set; }

    /// <summary>Announcements of it beyond the topics that one peer may announce, since the last heartbeat.</summary>
    internal int TopicsIgnored { get; set; }

    /// <summary>RPCs with an IDONTWANT since the last heartbeat.</summary>
    internal int IDontWantRpcs { get; set; }

    /// <summary>RPCs with an IHAVE since the last heartbeat.</summary>
    internal int IHaveRpcs { get; set; }

    /// <summary>Ids asked of it since the last heartbeat.</summary>
    internal int IdsAsked { get; set; }

    /// <summary>Ids that were asked of it and have neither come nor been given up.</summary>
    internal int IdsOutstanding { get; set; }

    /// <summary>Bytes that were sent to it on request since the last heartbeat.</summary>
    internal long BytesAnswered { get; set; }

    /// <summary>Ids that it asked for since the last heartbeat.</summary>
    internal int IdsWanted { get; set; }

    /// <summary>Whether nothing can be written to it now: it is in no mesh and sent nothing.</summary>
    internal bool IsSuspended { get; set; }

    /// <summary>Topics of whose mesh it is to be told that it is not in it, once it can be; of those it announced.</summary>
    internal List<TopicState> UntoldPrunes { get; } = [];

    /// <summary>The origin that answers for its messages; null while none is noted.</summary>
    internal Source? Source { get; set; }

    /// <summary>Messages that it was first to send and that got a second chance, since the last heartbeat.</summary>
    internal int Recoveries { get; set; }

    /// <summary>Promises broken lately: halved in each heartbeat.</summary>
    internal int PromiseDebt { get; set; }

    /// <summary>Promises broken in this heartbeat.</summary>
    internal int BrokenPromises { get; set; }

    /// <summary>IHAVEs of which they come.</summary>
    internal int BrokenIHaves { get; set; }

    internal (long Heartbeat, int Rpc) LastBrokenBatch { get; set; }

    /// <summary>The last IHAVE of which an id was asked.</summary>
    internal (long Heartbeat, int Rpc) LastAskedBatch { get; set; }
}
