using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;

namespace Pmq.Gossipsub;

/// <summary>
/// The gossipsub router as a core: inputs in, effects out. One owner; nothing here waits, locks or looks at a clock. Each
/// input takes the time <c>now</c>, any monotonic time that never goes back, and appends effects to the caller's list.
/// </summary>
/// <remarks>
/// <para>
/// A turn of the driver is any number of inputs, then <see cref="Flush"/>: control for one peer that came up in the turn
/// leaves as few RPCs. Effects may be carried out before or after Flush, in order.
/// </para>
/// <para>
/// A message of a peer passes: <see cref="HandleRpc"/> → VerifySignature → <see cref="OnSignature"/> (strict signing only) →
/// Validate → <see cref="OnVerdict"/> → SendMessage to the mesh → Deliver. Its id is unknown, then waits, then is seen with
/// its verdict; <see cref="OnLost"/> and a bad signature make it unknown again.
/// </para>
/// <para><b>Spec</b>: pubsub, gossipsub v1.0 and v1.1 without scores and peer exchange. <b>Deviations</b>: README.</para>
/// </remarks>
public sealed class GossipsubRouter
{
    /// <summary>A router for <paramref name="localPeer"/>.</summary>
    /// <param name="options">Valid ones, see <see cref="GossipsubOptions.Validate"/>.</param>
    /// <param name="localPeer">Who we are.</param>
    /// <param name="chance">Owned by the router from here on.</param>
    /// <param name="now">The time; the first heartbeat is due <see cref="GossipsubOptions.HeartbeatInitialDelay"/> later.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public GossipsubRouter(GossipsubOptions options, PeerId localPeer, Chance chance, TimeSpan now) => throw new NotImplementedException();

    /// <summary>What has been counted.</summary>
    public RouterCounters Counters => throw new NotImplementedException();

    /// <summary>When <see cref="Heartbeat"/> wants to be called next.</summary>
    public TimeSpan NextHeartbeat => throw new NotImplementedException();

    /// <summary>The joined topics, sorted.</summary>
    public IReadOnlyList<string> Topics => throw new NotImplementedException();

    /// <summary>How long ids have been remembered as seen in truth: less than <see cref="GossipsubOptions.SeenTtl"/> once <see cref="GossipsubOptions.MaxSeen"/> is met.</summary>
    public TimeSpan SeenHorizon(TimeSpan now) => throw new NotImplementedException();

    /// <summary>Whether a topic is joined.</summary>
    public bool IsJoined(string topic) => throw new NotImplementedException();

    /// <summary>The peers in our mesh for a topic, sorted by id.</summary>
    public IReadOnlyList<GossipPeer> MeshOf(string topic) => throw new NotImplementedException();

    /// <summary>The peers that have announced a topic, sorted by id.</summary>
    public IReadOnlyList<GossipPeer> PeersOf(string topic) => throw new NotImplementedException();

    /// <summary>The topics that a peer has announced, sorted.</summary>
    public IReadOnlyList<string> TopicsOf(GossipPeer peer) => throw new NotImplementedException();

    /// <summary>The topics in whose mesh a peer is, sorted.</summary>
    public IReadOnlyList<string> MeshTopicsOf(GossipPeer peer) => throw new NotImplementedException();

    /// <summary>A peer can be written to: our topics are announced to it.</summary>
    /// <exception cref="InvalidOperationException">The peer is there already; remove it first.</exception>
    public GossipPeer AddPeer(PeerId id, PubsubProtocol protocol, ConnectionDirection direction, TimeSpan now, EffectList effects) =>
        throw new NotImplementedException();

    /// <summary>A peer is gone. Later effects and inputs that name it do nothing.</summary>
    public void RemovePeer(GossipPeer peer, TimeSpan now, EffectList effects) => throw new NotImplementedException();

    /// <summary>A peer sent an RPC. The memory of <paramref name="rpc"/> is not used after the call.</summary>
    public void HandleRpc(GossipPeer peer, RpcView rpc, TimeSpan now, EffectList effects) => throw new NotImplementedException();

    /// <summary>A peer sent bytes that <see cref="RpcScanner"/> refused.</summary>
    public void HandleViolation(GossipPeer peer, RpcViolation violation, EffectList effects) => throw new NotImplementedException();

    /// <summary>Joins a topic: announces it and grafts known peers at once.</summary>
    public JoinOutcome Join(string topic, TimeSpan now, EffectList effects) => throw new NotImplementedException();

    /// <summary>Leaves a topic: prunes its mesh and takes the announcement back. False if it was not joined.</summary>
    public bool Leave(string topic, TimeSpan now, EffectList effects) => throw new NotImplementedException();

    /// <summary>
    /// Publishes a message of <see cref="MessageComposer"/>, on a joined topic or another; on a joined one it is delivered
    /// here too, once for each id.
    /// </summary>
    /// <returns>
    /// How many peers it goes to. One that went to nobody is not seen: publishing it again sends it. When the driver could
    /// hand it to none of them it calls <see cref="OnPublishUnsent"/>.
    /// </returns>
    public PublishReceipt Publish(GossipMessage message, TimeSpan now, EffectList effects) => throw new NotImplementedException();

    /// <summary>Every peer's queue refused a publication: it has reached nobody, and publishing it again sends it.</summary>
    public void OnPublishUnsent(GossipMessage message) => throw new NotImplementedException();

    /// <summary>The result of VerifySignature. Ignored if the message does not wait for it any more.</summary>
    public void OnSignature(GossipMessage message, SignatureVerdict verdict, TimeSpan now, EffectList effects) =>
        throw new NotImplementedException();

    /// <summary>The node's verdict on a message. False if it does not wait for one any more: then nothing is done.</summary>
    public bool OnVerdict(GossipMessage message, Verdict verdict, TimeSpan now, EffectList effects) => throw new NotImplementedException();

    /// <summary>A message gets no signature check or no verdict: its id is unknown again. False if it did not wait any more.</summary>
    public bool OnLost(GossipMessage message, ValidationLoss loss, TimeSpan now) => throw new NotImplementedException();

    /// <summary>Maintains mesh, fanout, gossip, backoffs and history. To be called at <see cref="NextHeartbeat"/>, which it moves.</summary>
    public void Heartbeat(TimeSpan now, EffectList effects) => throw new NotImplementedException();

    /// <summary>Ends a turn: what control has come up for each peer is encoded and appended as SendControl.</summary>
    public void Flush(EffectList effects) => throw new NotImplementedException();
}
