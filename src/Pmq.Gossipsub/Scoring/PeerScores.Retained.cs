using Pmq.Core.Identity;

namespace Pmq.Gossipsub.Scoring;

// Those that have left, in the order in which they did, and what the application says of any.
internal sealed partial class PeerScores
{
    private readonly Dictionary<PeerId, double> _application = [];
    private PeerScore? _oldest;
    private PeerScore? _youngest;

    /// <summary>P5; 0 forgets what was said before.</summary>
    public void SetApplicationScore(PeerId peer, double score)
    {
        if (score == 0)
        {
            _application.Remove(peer);
        }
        else
        {
            if (!_application.ContainsKey(peer) && _application.Count >= Options.MaxRetained + _connected.Count)
            {
                ForgetBestApplicationScore();
            }

            _application[peer] = score;
        }

        if (_peers.TryGetValue(peer, out PeerScore? known))
        {
            known.Application = score;
            known.Change();
        }
    }

    private void ForgetBestApplicationScore()
    {
        PeerId? best = null;
        double most = double.NegativeInfinity;
        foreach ((PeerId peer, double score) in _application)
        {
            if (score > most && !(_peers.TryGetValue(peer, out PeerScore? known) && known.IsConnected))
            {
                (best, most) = (peer, score);
            }
        }

        if (best is not null)
        {
            _application.Remove(best);
            if (_peers.TryGetValue(best, out PeerScore? known))
            {
                known.Application = 0;
                known.Change();
            }
        }
    }

    /// <summary>Whom to forget: the oldest that is not negative, else the one with the best score.</summary>
    private PeerScore LeastWorth()
    {
        PeerScore best = _oldest!;
        for (PeerScore? peer = _oldest; peer is not null; peer = peer.Next)
        {
            if (peer.Score >= 0)
            {
                return peer;
            }

            if (peer.Score > best.Score)
            {
                best = peer;
            }
        }

        return best;
    }

    private void CutRetained()
    {
        while (RetainedCount > Options.MaxRetained)
        {
            Forget(LeastWorth());
        }
    }

    private void Forget(PeerScore peer)
    {
        Unlink(peer);
        LeaveGroups(peer);
        foreach (TopicScore topic in peer.Topics)
        {
            RemoveTopic(topic);
        }

        peer.Topics.Clear();
        peer.IsForgotten = true;
        _peers.Remove(peer.Id);
    }

    private void Link(PeerScore peer)
    {
        peer.Previous = _youngest;
        if (_youngest is { } before)
        {
            before.Next = peer;
        }
        else
        {
            _oldest = peer;
        }

        _youngest = peer;
        RetainedCount++;
    }

    private void Unlink(PeerScore peer)
    {
        if (peer.Previous is null && peer != _oldest)
        {
            return; // It is not among them.
        }

        if (peer.Previous is { } before)
        {
            before.Next = peer.Next;
        }
        else
        {
            _oldest = peer.Next;
        }

        if (peer.Next is { } after)
        {
            after.Previous = peer.Previous;
        }
        else
        {
            _youngest = peer.Previous;
        }

        peer.Previous = null;
        peer.Next = null;
        RetainedCount--;
    }
}
