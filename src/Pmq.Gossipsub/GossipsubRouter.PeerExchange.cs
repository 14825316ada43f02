using Pmq.Core.Identity;

namespace Pmq.Gossipsub;

// Peer exchange: a PRUNE tells where other peers of the topic are (gossipsub v1.1).
public sealed partial class GossipsubRouter
{
    /// <summary>
    /// Notes the signed envelope with a peer's addresses, as it came by identify and was verified, to be told to others
    /// in PRUNEs. False if the peer is not there, or the envelope is longer than
    /// <see cref="SignedEnvelope.MaxEncodedLength"/>.
    /// </summary>
    /// <param name="peer">Whose it is.</param>
    /// <param name="signedEnvelope">Kept, not copied; empty forgets it.</param>
    public bool SetPeerRecord(PeerId peer, ReadOnlyMemory<byte> signedEnvelope)
    {
        if (signedEnvelope.Length > SignedEnvelope.MaxEncodedLength
            || !_peersById.TryGetValue(peer, out GossipPeer? known))
        {
            return false;
        }

        known.SignedRecord = signedEnvelope;
        return true;
    }
}
