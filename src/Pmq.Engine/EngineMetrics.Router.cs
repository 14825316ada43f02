using System.Diagnostics.Metrics;
using Pmq.Engine.Runtime;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Engine;

// What the router is like inside: scores, meshes, promises, what is spared. No peer is ever a tag.
internal sealed partial class EngineMetrics
{
    /// <summary>Topics that have a tag of their own; those after them, by name, are summed under "others".</summary>
    private const int MaxTopicTags = 100;

    // Upper bounds: the default thresholds, what the default factors can give, and a few steps between them.
    private static readonly double[] ScoreBounds = [-1000, -500, -200, -100, -50, -20, -5, -1, 0, 1, 5, 10, 20, 50];

    private readonly Histogram<double> _scores;
    private RouterLevels _levels = new([0, 0, 0, 0], [], 0, 0);

    /// <summary>What the router is like after a heartbeat.</summary>
    public void SetRouter(
        GossipsubRouter router, List<(string Topic, int Peers)> meshes, List<double> scores)
    {
        foreach (double score in scores)
        {
            _scores.RecordGuarded(score);
        }

        int[] bands = [.. Enum.GetValues<ScoreBand>().Select(router.PeersIn)];
        Volatile.Write(ref _levels, new RouterLevels(
            bands, Tagged(meshes), router.WantedCount, router.RetainedScores));
    }

    private static Histogram<double> ScoreHistogram(Meter meter) => meter.CreateHistogram(
        "pmq.gossipsub.score", "{score}", "The scores of all peers, at each heartbeat.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = ScoreBounds });

    private void ObserveRouter(RouterCounters counters)
    {
        _meter.CreateObservableGauge(
            "pmq.gossipsub.peer.count", () => _levels.Bands.Select((count, band) => Tagged(
                count, "band", TraceText(band))), "{peer}", "Peers by what their score allows.");
        _meter.CreateObservableGauge(
            "pmq.gossipsub.mesh.size", () => _levels.Meshes.Select(mesh => Tagged(mesh.Peers, "topic", mesh.Topic)),
            "{peer}", "Peers in our mesh for each joined topic.");
        _meter.CreateObservableGauge(
            "pmq.gossipsub.promise.count", () => _levels.Wanted, "{message}",
            "Messages that were asked for by IWANT and have not come.");
        _meter.CreateObservableGauge(
            "pmq.gossipsub.score.retained", () => _levels.Retained, "{peer}",
            "Peers that have left and whose score is remembered.");
        Count("pmq.gossipsub.iwant.sent", () => counters.IdsAsked, "{message}", "Ids asked for by IWANT.");
        Count("pmq.gossipsub.iwant.answered", () => counters.IWantAnswers, "{message}",
            "Messages sent in answer to an IWANT.");
        Count("pmq.gossipsub.idontwant.received", () => counters.IDontWantIds, "{message}", "Ids of peers' IDONTWANTs.");
        Count("pmq.gossipsub.idontwant.sent", () => counters.IDontWantIdsSent, "{message}", "Ids of our IDONTWANTs.");
        Count("pmq.gossipsub.idontwant.saved", () => counters.SendsSpared, "{message}",
            "Messages that did not go to a peer, since it said IDONTWANT.");
        Count("pmq.gossipsub.px.peers.taken", () => counters.ExchangedPeersTaken, "{peer}",
            "Peers named in PRUNEs that we tried to connect to.");
        Count("pmq.gossipsub.px.peers.ignored", () => counters.ExchangedPeersIgnored, "{peer}",
            "Peers named in PRUNEs that we did not.");
        Count("pmq.gossipsub.gossip.ignored", () => counters.GossipBelowThreshold, "{event}",
            "IHAVEs and IWANTs of peers below the gossip threshold.");
        Count("pmq.gossipsub.graft.opportunistic", () => counters.OpportunisticGrafts, "{event}",
            "GRAFTs sent because a mesh was poor.");
        _meter.CreateObservableCounter(
            "pmq.gossipsub.graft", () => new[]
            {
                Tagged(counters.GraftsSent, "event", "sent"), Tagged(counters.GraftsTaken, "event", "taken"),
                Tagged(counters.GraftsRefused, "event", "refused"),
            },
            "{event}", "GRAFTs of ours, and of peers.");
        _meter.CreateObservableCounter(
            "pmq.gossipsub.prune", () => new[]
            {
                Tagged(counters.PrunesSent, "event", "sent"), Tagged(counters.PrunesTaken, "event", "taken"),
            },
            "{event}", "PRUNEs of ours, and of peers.");
        _meter.CreateObservableCounter(
            "pmq.gossipsub.control.over_limit", () => new[]
            {
                Tagged(counters.IHaveRpcsOverLimit, "kind", "ihave_rpc"),
                Tagged(counters.IHaveIdsOverLimit, "kind", "ihave_id"),
                Tagged(counters.IWantIdsOverLimit, "kind", "iwant_id"),
                Tagged(counters.IDontWantIdsOverLimit, "kind", "idontwant_id"),
                Tagged(counters.SubscriptionsIgnored, "kind", "subscription"),
            },
            "{event}", "Control of peers beyond what one may send in a heartbeat.");
    }

    private void Count(string name, Func<long> read, string unit, string description) =>
        _meter.CreateObservableCounter(name, read, unit, description);

    private static string TraceText(int band) => Tracing.TraceText.NameOf((ScoreBand)band).Replace(' ', '_');

    private static Measurement<T> Tagged<T>(T value, string tag, string name)
        where T : struct => new(value, new KeyValuePair<string, object?>(tag, name));

    private static (string Topic, int Peers)[] Tagged(List<(string Topic, int Peers)> meshes) =>
        meshes.Count <= MaxTopicTags
            ? [.. meshes]
            : [.. meshes.Take(MaxTopicTags), ("others", meshes.Skip(MaxTopicTags).Sum(mesh => mesh.Peers))];

    private sealed record RouterLevels(
        int[] Bands, (string Topic, int Peers)[] Meshes, int Wanted, int Retained);
}
