using System.Runtime.InteropServices;
using Pmq.Core.Addresses;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub;

// Peer exchange: a PRUNE tells where other peers of the topic are (gossipsub v1.1).
public sealed partial class GossipsubRouter
{
    // Addresses of one record that are dialed; more are left out. Arbitrary.
    private const int MaxAddressesOfRecord = 16;

    // Scratch, empty between calls.
    private readonly List<GossipPeer> _exchanged = [];

    // Topics of which the RPC at hand had a GRAFT that is refused.
    private readonly List<TopicState> _refused = [];
    private int _peersTaken;

    /// <summary>
    /// Notes the signed envelope with a peer's addresses, as it came by identify and was verified, to be told to others
    /// in PRUNEs. False if the peer is not there, the envelope is longer than
    /// <see cref="SignedEnvelope.MaxEncodedLength"/>, or it may not be told: see
    /// <see cref="GossipsubOptions.PeerExchangePublicOnly"/>.
    /// </summary>
    /// <param name="peer">Whose it is.</param>
    /// <param name="signedEnvelope">Kept, not copied; empty forgets it.</param>
    public bool SetPeerRecord(PeerId peer, ReadOnlyMemory<byte> signedEnvelope)
    {
        if (!_peersById.TryGetValue(peer, out GossipPeer? known))
        {
            return false;
        }

        bool mayBeTold = signedEnvelope.Length <= SignedEnvelope.MaxEncodedLength
            && (signedEnvelope.IsEmpty || !_options.PeerExchangePublicOnly
                || PeerRecord.TryOpen(signedEnvelope) is { } record && record.Addresses.Any(PublicAddress.IsPublic));
        known.SignedRecord = mayBeTold ? signedEnvelope : default;
        return mayBeTold;
    }

    /// <summary>
    /// The peers that a PRUNE to <paramref name="peer"/> tells, by lot; null for none. Not direct ones: those are
    /// agreements of ours.
    /// </summary>
    private GossipPeer[]? PeersToTell(GossipPeer peer, TopicState topic)
    {
        // Peers in a PRUNE are a field of v1.1.
        if (!_options.PeerExchange || peer.Protocol < PubsubProtocol.Meshsub11)
        {
            return null;
        }

        foreach (GossipPeer other in topic.Peers.Peers)
        {
            if (other != peer && !other.IsDirect && _policy.ScoreOf(other) >= 0)
            {
                _exchanged.Add(other);
            }
        }

        Span<GossipPeer> others = CollectionsMarshal.AsSpan(_exchanged);
        _chance.Shuffle(others);
        GossipPeer[] told = others[..Math.Min(_options.PrunePeers, others.Length)].ToArray();
        _exchanged.Clear();
        return told;
    }

    /// <summary>Connects to the peers that a PRUNE tells.</summary>
    private void TakePeers(GossipPeer teller, ReadOnlySpan<byte> prune, EffectList effects)
    {
        PeerInfoReader infos = new(prune);
        for (int i = 0; i < _options.PrunePeers && infos.Next(out ReadOnlySpan<byte> id, out var signedRecord); i++)
        {
            if (!PeerId.TryFromBytes(id, out PeerId? named) || named == _localPeer || _peersById.ContainsKey(named))
            {
                continue;
            }

            // The limit comes first: beyond it no signature is verified.
            if (_peersTaken >= _options.MaxExchangedPeers)
            {
                Counters.ExchangedPeersIgnored++;
                continue;
            }

            _peersTaken++;
            if (Open(named, teller, signedRecord) is { } target)
            {
                Counters.ExchangedPeersTaken++;
                effects.Add(Effect.Connect(target));
            }
            else
            {
                Counters.ExchangedPeersIgnored++; // Nobody is blamed: who sent it may have been told so.
            }
        }
    }

    /// <summary>
    /// What is told of a peer; null if its record is broken or another's. A peer without a record, or without an
    /// address that we use, may be known to the host. A teller from the internet has no business with the addresses of
    /// our private network: else its records would scan it.
    /// </summary>
    private ConnectTarget? Open(PeerId named, GossipPeer teller, ReadOnlySpan<byte> signedRecord)
    {
        if (signedRecord.IsEmpty)
        {
            return new ConnectTarget(named, [], default, IsDirect: false);
        }

        if (signedRecord.Length > SignedEnvelope.MaxEncodedLength)
        {
            return null;
        }

        byte[] envelope = signedRecord.ToArray();
        if (PeerRecord.TryOpen(envelope) is not { } record || record.Peer != named)
        {
            return null;
        }

        IEnumerable<Multiaddr> usable = _options.PeerExchangePublicOnly
            ? record.Addresses.Where(PublicAddress.IsPublic)
            : record.Addresses.Where(address => PublicAddress.ReachOf(address) >= teller.Reach);
        return new ConnectTarget(named, [.. usable.Take(MaxAddressesOfRecord)], envelope, IsDirect: false);
    }
}
