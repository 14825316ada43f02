using Pmq.Core.Runtime;

namespace Pmq.Gossipsub.Tests.Fixtures;

/// <summary>
/// A peer that keeps every rule of gossipsub v1.2, as it sees it: it advertises what it has, answers what it is asked
/// while it has it and was not told otherwise, and grafts after its backoffs only.
/// </summary>
internal sealed class HonestPeer(int number, string topic)
{
    private const int History = 5;
    private const int Advertised = 3;
    private const int ToldFor = 3;

    private readonly Dictionary<string, int> _messages = []; // Data, and the heartbeat in which it came.
    private readonly Dictionary<string, int> _unwanted = []; // Id, and the heartbeat in which it was told.
    private readonly Queue<string> _asked = [];
    private TimeSpan _backoff = TimeSpan.MinValue;
    private int _heartbeat;
    private bool _isSubscribed;

    public GossipPeer? Link { get; private set; }

    public bool IsInMesh { get; private set; }

    public void Come(RouterHarness router)
    {
        Link = router.AddPeer(id: TestPeers.Id(number));
        Say(router, new RpcBuilder().Subscribe(topic));
        _isSubscribed = true;
    }

    public void Go(RouterHarness router)
    {
        router.RemovePeer(Link!);
        Link = null;
        IsInMesh = _isSubscribed = false;
        _asked.Clear();
        _unwanted.Clear();
    }

    /// <summary>Reads what the router has sent to it.</summary>
    public void Read(RouterHarness router)
    {
        SentRpc sent = router.SentTo(Link!);
        foreach ((string about, ulong seconds) in sent.Prunes.Where(prune => prune.Topic == topic))
        {
            IsInMesh = false;
            BackOff(router.Now + TimeSpan.FromSeconds(seconds == 0 ? 60 : seconds));
        }

        foreach (string graft in sent.Grafts.Where(graft => graft == topic))
        {
            if (_isSubscribed && router.Now >= _backoff)
            {
                IsInMesh = true;
            }
            else
            {
                Say(router, new RpcBuilder().Prune(topic, 60));
                BackOff(router.Now + TimeSpan.FromSeconds(60));
            }
        }

        sent.IDontWants.ForEach(id => _unwanted[id] = _heartbeat);
        sent.IWants.ForEach(_asked.Enqueue);
    }

    /// <summary>Does one of the things that it may do.</summary>
    public void Act(RouterHarness router, Chance chance, Func<string> data)
    {
        switch (chance.NextInt32(8))
        {
            case 0 when !IsInMesh && _isSubscribed && router.Now >= _backoff:
                IsInMesh = true;
                Say(router, new RpcBuilder().Graft(topic));
                break;
            case 1 when IsInMesh:
                IsInMesh = false;
                Say(router, new RpcBuilder().Prune(topic, 60));
                BackOff(router.Now + TimeSpan.FromSeconds(60));
                break;
            case 2 when chance.NextInt32(5) == 0:
                _isSubscribed = !_isSubscribed;
                if (IsInMesh)
                {
                    Say(router, new RpcBuilder().Subscribe(topic, false).Prune(topic, 10));
                    BackOff(router.Now + TimeSpan.FromSeconds(10));
                }
                else
                {
                    Say(router, new RpcBuilder().Subscribe(topic, _isSubscribed));
                }

                IsInMesh = false;
                break;
            case 3 or 4:
                string next = data();
                _messages.TryAdd(next, _heartbeat);
                if (IsInMesh && !IsUnwanted(RouterHarness.IdOf(next)))
                {
                    Say(router, new RpcBuilder().Publish(topic, next));
                }

                break;
            case 5:
                Say(router, new RpcBuilder().IDontWant(RouterHarness.IdOf(data())).IWant(RouterHarness.IdOf(data())));
                break;
            default:
                Answer(router);
                break;
        }
    }

    /// <summary>Its heartbeat: it answers what it was asked, advertises, and forgets.</summary>
    public void Beat(RouterHarness router)
    {
        while (Link is not null && _asked.Count > 0)
        {
            Answer(router);
        }

        string[] advertised =
        [
            .. _messages.Where(m => !IsInMesh && _heartbeat - m.Value < Advertised)
                .Select(m => RouterHarness.IdOf(m.Key)),
        ];
        if (advertised.Length > 0 && Link is not null && _isSubscribed)
        {
            Say(router, new RpcBuilder().IHave(topic, advertised));
        }

        _heartbeat++;
        foreach ((string data, int since) in _messages)
        {
            if (_heartbeat - since >= History)
            {
                _messages.Remove(data);
            }
        }
    }

    private void Answer(RouterHarness router)
    {
        if (_asked.TryDequeue(out string? id) && !IsUnwanted(id)
            && _messages.Keys.FirstOrDefault(data => RouterHarness.IdOf(data) == id) is { } data)
        {
            Say(router, new RpcBuilder().Publish(topic, data));
        }
    }

    private bool IsUnwanted(string id) => _unwanted.TryGetValue(id, out int since) && _heartbeat - since < ToldFor;

    private void BackOff(TimeSpan until) => _backoff = until > _backoff ? until : _backoff;

    private void Say(RouterHarness router, RpcBuilder rpc) => router.Receive(Link!, rpc);
}
