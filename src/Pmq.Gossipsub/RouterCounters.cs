namespace Pmq.Gossipsub;

/// <summary>
/// What the router has counted since it began. Written by the router's owner alone; another thread may read a slightly
/// old value of each.
/// </summary>
public sealed class RouterCounters
{
    private readonly long[] _drops = new long[Enum.GetValues<MessageDrop>().Length];
    private readonly long[] _misbehaviours = new long[Enum.GetValues<Misbehaviour>().Length];

    /// <summary>Messages from peers that went no further, by reason.</summary>
    public long Drops(MessageDrop reason) => Volatile.Read(ref _drops[(int)reason]);

    /// <summary>Misbehaviour of peers, by kind.</summary>
    public long MisbehavioursOf(Misbehaviour kind) => Volatile.Read(ref _misbehaviours[(int)kind]);

    /// <summary>Messages in RPCs of peers, duplicates included.</summary>
    public long MessagesReceived { get; internal set; }

    /// <summary>Messages accepted by the node.</summary>
    public long MessagesAccepted { get; internal set; }

    /// <summary>Our own publications, repeats not included.</summary>
    public long MessagesPublished { get; internal set; }

    /// <summary>SendMessage effects.</summary>
    public long MessagesSent { get; internal set; }

    /// <summary>
    /// Senders of a waiting message that were not noted, since their list is full; a reject does not reach them.
    /// </summary>
    public long SendersNotNoted { get; internal set; }

    /// <summary>Ids in an IHAVE, IWANT or IDONTWANT that have not the shape of an id here.</summary>
    public long IdsOfOtherShape { get; internal set; }

    /// <summary>RPCs whose IHAVEs went beyond <see cref="GossipsubOptions.MaxIHaveMessages"/>.</summary>
    public long IHaveRpcsOverLimit { get; internal set; }

    /// <summary>
    /// Ids of IHAVEs beyond <see cref="GossipsubOptions.MaxIHaveLength"/> or <see
    /// cref="GossipsubOptions.MaxWantedIds"/>.
    /// </summary>
    public long IHaveIdsOverLimit { get; internal set; }

    /// <summary>
    /// Ids of IWANTs beyond <see cref="GossipsubOptions.MaxIWantLength"/> or <see
    /// cref="GossipsubOptions.GossipRetransmission"/>.
    /// </summary>
    public long IWantIdsOverLimit { get; internal set; }

    /// <summary>Ids of IWANTs that are not in the history.</summary>
    public long IWantIdsUnknown { get; internal set; }

    /// <summary>Ids of IDONTWANTs of peers.</summary>
    public long IDontWantIds { get; internal set; }

    /// <summary>
    /// Those of them beyond <see cref="GossipsubOptions.MaxIDontWantMessages"/> or <see
    /// cref="GossipsubOptions.MaxIDontWantIds"/>.
    /// </summary>
    public long IDontWantIdsOverLimit { get; internal set; }

    /// <summary>Ids of IDONTWANTs that we have sent.</summary>
    public long IDontWantIdsSent { get; internal set; }

    /// <summary>Messages that did not go to a peer, since it has said IDONTWANT.</summary>
    public long SendsSpared { get; internal set; }

    /// <summary>GRAFTs that were answered with PRUNE or ignored.</summary>
    public long GraftsRefused { get; internal set; }

    /// <summary>
    /// Announced topics that were ignored: refused by the filter, or beyond <see
    /// cref="GossipsubOptions.MaxTopicsPerPeer"/>.
    /// </summary>
    public long SubscriptionsIgnored { get; internal set; }

    /// <summary>Backoffs that were not remembered, since the topic's table is full.</summary>
    public long BackoffsNotNoted { get; internal set; }

    /// <summary>Messages that left the history early, for <see cref="GossipsubOptions.HistoryBytes"/>.</summary>
    public long HistoryEvictions { get; internal set; }

    /// <summary>Peers told by PRUNEs that the driver was asked to connect to.</summary>
    public long ExchangedPeersTaken { get; internal set; }

    /// <summary>
    /// Peers told by PRUNEs that were not: their record is broken, or too many were told
    /// (<see cref="GossipsubOptions.MaxExchangedPeers"/>).
    /// </summary>
    public long ExchangedPeersIgnored { get; internal set; }

    /// <summary>Messages lost by our own fault that get a second chance.</summary>
    public long Recoveries { get; internal set; }

    /// <summary>
    /// Those that do not: lost twice, beyond <see cref="GossipsubOptions.MaxRecoveries"/>, their senders are gone, or
    /// the queue is half full again.
    /// </summary>
    public long RecoveriesNotMade { get; internal set; }

    /// <summary>Ids asked for by IWANT.</summary>
    public long IdsAsked { get; internal set; }

    /// <summary>Messages sent in answer to an IWANT.</summary>
    public long IWantAnswers { get; internal set; }

    /// <summary>GRAFTs sent: peers that we took into a mesh.</summary>
    public long GraftsSent { get; internal set; }

    /// <summary>GRAFTs taken.</summary>
    public long GraftsTaken { get; internal set; }

    /// <summary>PRUNEs sent.</summary>
    public long PrunesSent { get; internal set; }

    /// <summary>PRUNEs taken.</summary>
    public long PrunesTaken { get; internal set; }

    /// <summary>IHAVEs and IWANTs that were ignored for the peer's score.</summary>
    public long GossipBelowThreshold { get; internal set; }

    /// <summary>
    /// GRAFTs sent because the mesh was poor, see <see cref="GossipsubOptions.OpportunisticGraftTicks"/>.
    /// </summary>
    public long OpportunisticGrafts { get; internal set; }

    /// <summary>Messages that found the queue of a peer full.</summary>
    public long SlowPeerDrops { get; internal set; }

    /// <summary>
    /// Messages that were forgotten before their window of P3 was over, for want of room: later copies of them counted
    /// for nobody.
    /// </summary>
    public long DeliveryEvictions { get; internal set; }

    /// <summary>Heartbeats.</summary>
    public long Heartbeats { get; internal set; }

    internal void Count(MessageDrop reason, int times = 1) => _drops[(int)reason] += times;

    internal void Count(Misbehaviour kind, int times) => _misbehaviours[(int)kind] += times;
}
