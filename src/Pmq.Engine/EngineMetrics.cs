using System.Diagnostics.Metrics;
using Pmq.Engine.Gossip;
using Pmq.Engine.Runtime;
using Pmq.Engine.Tracing;
using Pmq.Engine.Validation;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Rpc;

namespace Pmq.Engine;

/// <summary>The instruments <c>pmq.gossipsub.*</c> and <c>pmq.listener.*</c>.</summary>
internal sealed partial class EngineMetrics : IDisposable
{
    private readonly Meter? _owned;
    private readonly Meter _meter;
    private readonly Counter<long> _outboundDrops;
    private readonly Counter<long> _slowPeers;
    private readonly Counter<long> _connects;
    private readonly Counter<long> _listenerDrops;
    private readonly Counter<long> _violations;
    private readonly UpDownCounter<long> _meshPeers;
    private readonly Histogram<double> _heartbeat;
    private double _seenHorizon;
    private int _seen;
    private int _history;
    private long _historyBytes;
    private int _guarded;

    public EngineMetrics(IMeterFactory? factory)
    {
        _meter = factory?.Create("Pmq.Engine") ?? (_owned = new Meter("Pmq.Engine"));
        Validation = new ValidationMetrics(_meter);
        _outboundDrops = _meter.CreateCounter<long>(
            "pmq.gossipsub.outbound.dropped", "{message}",
            "Messages that a peer does not get, by class and reason.");
        _slowPeers = _meter.CreateCounter<long>(
            "pmq.gossipsub.peer.slow", "{event}",
            "Heartbeats in which a peer kept its outbound queue waiting until messages were dropped.");
        _connects = _meter.CreateCounter<long>(
            "pmq.gossipsub.connect", "{peer}", "Peers that the router wanted, direct or told of by others.");
        _listenerDrops = _meter.CreateCounter<long>(
            "pmq.listener.dropped", "{message}", "Accepted messages that a listener did not get.");
        _violations = _meter.CreateCounter<long>(
            "pmq.gossipsub.rpc.refused", "{rpc}", "RPCs that break the codec's rules or limits; each ends its stream.");
        _meshPeers = _meter.CreateUpDownCounter<long>(
            "pmq.gossipsub.mesh.peer.count", "{peer}", "Peers in our meshes, over all topics.");
        _heartbeat = _meter.CreateHistogram<double>(
            "pmq.gossipsub.heartbeat.duration", "s", "What a heartbeat of the router took.");
        _scores = ScoreHistogram(_meter);
    }

    public ValidationMetrics Validation { get; }

    public void CountOutboundDrops(SendClass sendClass, OutboundDrop reason, int count) => _outboundDrops.AddGuarded(
        count, new KeyValuePair<string, object?>("class", NameOf(sendClass)),
        new KeyValuePair<string, object?>("reason", NameOf(reason)));

    public void CountIDontWantDrop() => _outboundDrops.AddGuarded(
        1, new KeyValuePair<string, object?>("class", "idontwant"),
        new KeyValuePair<string, object?>("reason", NameOf(OutboundDrop.Full)));

    /// <summary>Counts all of them, each class and reason by itself.</summary>
    public void CountOutboundDrops(in OutboundDrops drops)
    {
        for (int i = 0; drops.Total > 0 && i < OutboundDrops.Classes * OutboundDrops.Reasons; i++)
        {
            var sendClass = (SendClass)(i / OutboundDrops.Reasons);
            var reason = (OutboundDrop)(i % OutboundDrops.Reasons);
            if (drops[sendClass, reason] is > 0 and int count)
            {
                CountOutboundDrops(sendClass, reason, count);
            }
        }
    }

    public void CountConnect(ConnectOutcome outcome) => _connects.AddGuarded(
        1,
        new KeyValuePair<string, object?>("outcome", outcome switch
        {
            ConnectOutcome.Connected => "connected",
            ConnectOutcome.Failed => "failed",
            ConnectOutcome.InBackoff => "in_backoff",
            _ => "too_many",
        }));

    public void CountSlowPeer() => _slowPeers.AddGuarded(1);

    public void CountListenerDrop(ListenerDrop reason) =>
        _listenerDrops.AddGuarded(1, new KeyValuePair<string, object?>("reason", NameOf(reason)));

    public void CountViolation(RpcViolation violation) =>
        _violations.AddGuarded(1, new KeyValuePair<string, object?>("reason", violation.ToString()));

    public void MeshChanged(int by) => _meshPeers.AddGuarded(by);

    /// <summary>What the router's tables hold, as of the last heartbeat.</summary>
    public void SetTables(TimeSpan seenHorizon, int seen, int history, long historyBytes)
    {
        Volatile.Write(ref _seenHorizon, seenHorizon.TotalSeconds);
        Volatile.Write(ref _seen, seen);
        Volatile.Write(ref _history, history);
        Volatile.Write(ref _historyBytes, historyBytes);
    }

    /// <summary>Topics whose validation queue is guarded, as of the last heartbeat.</summary>
    public void SetGuarded(int topics) => Volatile.Write(ref _guarded, topics);

    public void HeartbeatTook(TimeSpan duration) => _heartbeat.RecordGuarded(duration.TotalSeconds);

    /// <summary>Shows what the router counts itself, and how deep the queues are.</summary>
    public void Observe(
        RouterCounters counters, Func<long> outboundBytes, Func<int> verdictsPending, Func<int> verifiers,
        Func<long> listened)
    {
        _meter.CreateObservableCounter(
            "pmq.gossipsub.messages.received", () => counters.MessagesReceived, "{message}",
            "Messages in RPCs of peers, duplicates included.");
        _meter.CreateObservableCounter(
            "pmq.gossipsub.messages.accepted", () => counters.MessagesAccepted, "{message}",
            "Messages of peers that were accepted.");
        _meter.CreateObservableCounter(
            "pmq.gossipsub.messages.published", () => counters.MessagesPublished, "{message}",
            "Our own publications, repeats not included.");
        _meter.CreateObservableCounter(
            "pmq.gossipsub.messages.sent", () => counters.MessagesSent, "{message}",
            "Messages for the queue of a peer.");
        _meter.CreateObservableCounter(
            "pmq.gossipsub.messages.dropped", () => Drops(counters), "{message}",
            "Messages of peers that went no further.");
        _meter.CreateObservableCounter(
            "pmq.gossipsub.misbehaviour", () => Misbehaviours(counters), "{event}",
            "What peers did against the protocol.");
        ObserveRouter(counters);
        _meter.CreateObservableGauge(
            "pmq.gossipsub.seen.horizon", () => Volatile.Read(ref _seenHorizon), "s",
            "How long ids have been remembered as seen in truth.");
        _meter.CreateObservableGauge(
            "pmq.gossipsub.seen.count", () => Volatile.Read(ref _seen), "{message}",
            "Ids remembered as seen.");
        _meter.CreateObservableGauge(
            "pmq.gossipsub.history.count", () => Volatile.Read(ref _history), "{message}",
            "Messages that can be asked for.");
        _meter.CreateObservableGauge(
            "pmq.gossipsub.history.bytes", () => Volatile.Read(ref _historyBytes), "By",
            "Bytes of the messages that can be asked for.");
        _meter.CreateObservableGauge(
            "pmq.gossipsub.queue.guarded.count", () => Volatile.Read(ref _guarded), "{topic}",
            "Topics whose validation queue overflows, so that messages are taken by what their source has done.");
        _meter.CreateObservableGauge(
            "pmq.gossipsub.outbound.queue.bytes", outboundBytes, "By",
            "Bytes that wait for the streams of all peers.");
        _meter.CreateObservableGauge(
            "pmq.validation.pending", verdictsPending, "{message}",
            "Messages that wait for a verdict.");
        _meter.CreateObservableGauge(
            "pmq.validation.verifier.count", verifiers, "{verifier}",
            "Attached verifiers.");
        _meter.CreateObservableGauge(
            "pmq.listener.queue.count", listened, "{message}",
            "Messages that wait for their listeners.");
    }

    /// <summary>Shows what the trace has written and dropped.</summary>
    public void Observe(PeerTrace? trace)
    {
        if (trace is null)
        {
            return;
        }

        _meter.CreateObservableCounter(
            "pmq.trace.written", () => Of(trace, file => file.Written), "{event}", "Events written to a trace file.");
        _meter.CreateObservableCounter(
            "pmq.trace.dropped", () => Of(trace, file => file.Dropped), "{event}",
            "Events that a trace file did not get: no room, or it could not be written.");
        _meter.CreateObservableCounter(
            "pmq.trace.sink.faults", () => trace.SinkFaults, "{event}", "Events at which the application's sink threw.");
    }

    public void Dispose() => _owned?.Dispose();

    private static IEnumerable<Measurement<long>> Drops(RouterCounters counters)
    {
        foreach (MessageDrop reason in Enum.GetValues<MessageDrop>())
        {
            yield return new Measurement<long>(
                counters.Drops(reason), new KeyValuePair<string, object?>("reason", reason.ToString()));
        }
    }

    private static IEnumerable<Measurement<long>> Misbehaviours(RouterCounters counters)
    {
        foreach (Misbehaviour kind in Enum.GetValues<Misbehaviour>())
        {
            yield return new Measurement<long>(
                counters.MisbehavioursOf(kind), new KeyValuePair<string, object?>("kind", kind.ToString()));
        }
    }

    private static IEnumerable<Measurement<long>> Of(PeerTrace trace, Func<TraceFile, long> count) =>
        trace.Files.Select(file => new Measurement<long>(
            count(file.File), new KeyValuePair<string, object?>("format", file.Format)));

    private static string NameOf(SendClass sendClass) => sendClass switch
    {
        SendClass.Publish => "publish",
        SendClass.Relay => "relay",
        _ => "answer",
    };

    private static string NameOf(OutboundDrop reason) => reason switch
    {
        OutboundDrop.Full => "full",
        OutboundDrop.Stale => "stale",
        OutboundDrop.NotWanted => "not_wanted",
        OutboundDrop.StreamBroken => "stream_broken",
        _ => "peer_gone",
    };

    private static string NameOf(ListenerDrop reason) => reason == ListenerDrop.Rate ? "rate" : "queue_full";
}
