using System.Text.Json;
using Pmq.Testing.Peers;

namespace Pmq.Interop.Tests.Mesh;

/// <summary>A js peer that scores its neighbours.</summary>
internal sealed class JsMember : IMeshMember
{
    private static readonly string[] Ladder = ["/meshsub/1.2.0", "/meshsub/1.1.0", "/meshsub/1.0.0"];

    private readonly JsPeer _peer;

    private JsMember(string name, JsPeer peer) => (Name, _peer) = (name, peer);

    public string Name { get; }

    public string PeerId => _peer.PeerId;

    public string Address => _peer.Address;

    /// <summary>Starts a peer that has joined the topic.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="plan">The run.</param>
    /// <param name="newest">The newest version of gossipsub that it speaks; null is all.</param>
    public static async Task<JsMember> StartAsync(string name, MeshPlan plan, string? newest)
    {
        // A neighbour in the mesh hands over most of a hundred messages a second; a tenth of a second's worth, kept up
        // for ten seconds, is asked of it. Messages large enough for IDONTWANT rightly do not come from everybody.
        var topicScore = new
        {
            topicWeight = 1,
            timeInMeshWeight = 0.01,
            timeInMeshQuantum = 1000,
            timeInMeshCap = 10,
            firstMessageDeliveriesWeight = 0.1,
            firstMessageDeliveriesDecay = 0.9,
            firstMessageDeliveriesCap = 50,
            meshMessageDeliveriesWeight = -1,
            meshMessageDeliveriesDecay = 0.9,
            meshMessageDeliveriesCap = 100,
            meshMessageDeliveriesThreshold = 10,
            meshMessageDeliveriesWindow = 500,
            meshMessageDeliveriesActivation = 10_000,
            meshFailurePenaltyWeight = -1,
            meshFailurePenaltyDecay = 0.9,
            invalidMessageDeliveriesWeight = -50,
            invalidMessageDeliveriesDecay = 0.99,
        };
        var peer = await JsPeer.StartAsync(new
        {
            gossip = new
            {
                policy = "StrictNoSign",
                quiet = true,
                rpcs = newest is not null,
                protocols = newest is null ? null : Ladder[Array.IndexOf(Ladder, newest)..],
                plan.Mesh.D,
                Dlo = plan.Mesh.Low,
                Dhi = plan.Mesh.High,
                Dscore = 2,
                Dout = 1,
                scoreParams = new { topics = new Dictionary<string, object> { [GossipPeer.Topic] = topicScore } },
            },
        });
        await peer.CallAsync("subscribe", new { topic = GossipPeer.Topic });
        return new JsMember(name, peer);
    }

    /// <summary>The RPCs that it was sent, if a newest version was named.</summary>
    public IReadOnlyList<JsonElement> Rpcs => _peer.EventsSoFar("rpc");

    public async Task DialAsync(string address) => await _peer.CallAsync("dial", new { address });

    public async Task AwaitMeshAsync(int peers) =>
        await _peer.CallAsync("awaitMesh", new { topic = GossipPeer.Topic, peers });

    public async Task<int> PublishAsync(MeshPlan plan)
    {
        var answer = await _peer.CallAsync(
            "publishPaced",
            new
            {
                topic = GossipPeer.Topic,
                name = Name,
                count = plan.Messages,
                perSecond = plan.PerSecond,
                sizes = plan.Sizes,
            },
            plan.Duration + TimeSpan.FromMinutes(1));
        return answer.GetProperty("reached").GetInt32();
    }

    public async Task<Tally> TallyAsync()
    {
        var answer = await _peer.CallAsync("tally");
        return new Tally(
            answer.GetProperty("publishers").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32()),
            answer.GetProperty("again").GetInt32(),
            answer.GetProperty("foreign").GetInt32());
    }

    public async Task<(IReadOnlyDictionary<string, double> Scores, double Graylist)> ScoresAsync()
    {
        var answer = await _peer.CallAsync("scores");
        return (
            answer.GetProperty("scores").EnumerateArray().ToDictionary(
                s => s.GetProperty("peer").GetString()!, s => s.GetProperty("score").GetDouble()),
            answer.GetProperty("thresholds").GetProperty("graylistThreshold").GetDouble());
    }

    public ValueTask DisposeAsync() => _peer.DisposeAsync();
}
