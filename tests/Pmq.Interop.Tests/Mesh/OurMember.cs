using Pmq.Core.Addresses;
using Pmq.Engine;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Scoring;
using Pmq.Testing;

namespace Pmq.Interop.Tests.Mesh;

/// <summary>A peer of ours that scores its neighbours.</summary>
internal sealed class OurMember : IMeshMember
{
    private readonly PmqPeer _peer;
    private readonly MessageListener _listener;
    private readonly Traffic _traffic = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _counting;

    private OurMember(string name, PmqPeer peer)
    {
        Name = name;
        _peer = peer;
        _listener = peer.Listen(new ListenOptions { QueueSize = 100_000 });
        _counting = _traffic.CountAsync(peer, _listener, _stopping.Token);
    }

    public string Name { get; }

    public string PeerId => _peer.LocalPeer.ToString();

    public string Address => _peer.ListenAddresses[0].ToString();

    /// <summary>Starts a peer that has joined the topic.</summary>
    public static async Task<OurMember> StartAsync(string name, MeshPlan plan)
    {
        var peer = await PmqPeer.StartAsync(
            new PmqPeerOptions
            {
                Topics = [GossipPeer.Topic],
                Validation = ValidationMode.None,
                Gossipsub = new GossipsubOptions
                {
                    MeshDegree = plan.Mesh.D,
                    MeshDegreeLow = plan.Mesh.Low,
                    MeshDegreeHigh = plan.Mesh.High,
                    MeshDegreeScore = 2,
                    MeshDegreeOutbound = 1,
                },
            },
            Pair.Deadline);
        return new OurMember(name, peer);
    }

    public async Task DialAsync(string address) =>
        await _peer.Host.ConnectAsync(Multiaddr.Parse(address), Pair.Deadline);

    public async Task AwaitMeshAsync(int peers)
    {
        var deadline = Pair.Deadline;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while ((await _peer.GetPeersAsync(deadline)).Count(p => p.MeshTopics.Contains(GossipPeer.Topic)) < peers)
        {
            await pace.WaitForNextTickAsync(deadline);
        }
    }

    public Task<int> PublishAsync(MeshPlan plan) => Traffic.PublishAsync(_peer, GossipPeer.Topic, Name, plan);

    public Task<Tally> TallyAsync() =>
        Task.FromResult(new Tally(_traffic.Delivered, _traffic.Again, _traffic.Foreign));

    public async Task<(IReadOnlyDictionary<string, double> Scores, double Graylist)> ScoresAsync()
    {
        var scores = await _peer.ExplainScoresAsync(Pair.Deadline);
        return (scores.ToDictionary(s => s.Peer.ToString(), s => s.Total), PeerScoreOptions.Default.Thresholds.Graylist);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _listener.DisposeAsync();
        await _peer.DisposeAsync();
        try
        {
            await _counting;
        }
        catch (OperationCanceledException)
        {
            // It was asked to end.
        }

        _stopping.Dispose();
    }
}
