using System.Net;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Tests.Fixtures;

/// <summary>The scores of four peers, driven by events.</summary>
internal sealed class ScoreScript
{
    private readonly PeerScores _scores;
    private readonly TopicState[] _topics;
    private readonly GossipPeer[] _peers = new GossipPeer[4];
    private TimeSpan _now;
    private int _extra;

    public ScoreScript(PeerScoreOptions options, ulong seed)
    {
        SeededChance chance = new(seed);
        _scores = new PeerScores(options, new MessageKeyComparer(chance), TimeSpan.Zero);
        TopicTable table = new(new GossipsubOptions(), chance);
        _topics = [table.GetOrAdd("a", "a"u8.ToArray()), table.GetOrAdd("b", "b"u8.ToArray())];
        for (int i = 0; i < _peers.Length; i++)
        {
            Come(i);
        }
    }

    /// <summary>The score of the peer that has the extra event.</summary>
    public double ScoreOfFirst => _scores.Find(_peers[0].Id)?.Score ?? 0;

    /// <summary>What only one of two runs has.</summary>
    public void ApplyExtra(bool isGood, Chance chance)
    {
        TopicState topic = _topics[chance.NextInt32(2)];
        int kind = chance.NextInt32(3);
        if (isGood)
        {
            _scores.OnAccepted(Key(topic, 10_000 + ++_extra), [_peers[0]], topic, _now);
        }
        else if (kind == 0)
        {
            _scores.OnInvalid(_peers[0], topic, 1 + chance.NextInt32(3));
        }
        else if (kind == 1)
        {
            _scores.OnMisdeed(_peers[0], 1 + chance.NextInt32(3));
        }
        else
        {
            _scores.OnSlow(_peers[0]);
        }
    }

    public void Apply(ScoreEvent next)
    {
        GossipPeer peer = _peers[next.Peer];
        TopicState topic = _topics[next.Topic];
        MessageKey key = Key(topic, next.Number % 10);
        switch (next.Kind)
        {
            case 0:
                _scores.OnGraft(peer, topic, _now);
                break;
            case 1:
                PeerScores.OnPrune(peer, topic);
                break;
            case 2:
                _scores.OnAccepted(key, [peer, _peers[next.Number % 4]], topic, _now);
                break;
            case 3:
                _scores.OnDuplicate(peer, key, topic, _now);
                break;
            case 4:
                _scores.OnInvalid(peer, topic, 1 + (next.Number % 3));
                break;
            case 5:
                _scores.OnMisdeed(peer, 1 + (next.Number % 20));
                break;
            case 6:
                _scores.OnSlow(peer);
                break;
            case 7:
                _scores.SetApplicationScore(peer.Id, next.Number - 500);
                break;
            case 8:
                _scores.SetAddresses(peer, [new IPAddress([192, 0, 2, (byte)(next.Number % 3)])]);
                break;
            case 9:
                _scores.Remove(peer, _now);
                Come(next.Peer);
                break;
            default:
                _now += TimeSpan.FromMilliseconds(next.Number * 5);
                _scores.Refresh(_now);
                break;
        }
    }

    private void Come(int number)
    {
        _peers[number] = new GossipPeer(TestPeers.Id(number), PubsubProtocol.Meshsub12, ConnectionDirection.Inbound);
        _scores.Add(_peers[number]);
    }

    private static MessageKey Key(TopicState topic, int number) =>
        new(topic.Tag, default(MessageIdOptions).Compute(BitConverter.GetBytes(number)));
}
