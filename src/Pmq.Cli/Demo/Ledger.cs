using Pmq.Client;

namespace Pmq.Cli.Demo;

/// <summary>
/// What was published, arrived and was judged, held against the plan. Thread-safe; it has no clock: times come with the
/// calls, as <see cref="TimeProvider.GetTimestamp"/> gives them.
/// </summary>
internal sealed class Ledger
{
    private static readonly ReportHash Mark = ReportHash.Of(NetworkPlan.MarkPayload.Span);

    private readonly Lock _gate = new();
    private readonly DemoPlan _plan;
    private readonly TimeProvider _time;
    private readonly int _nodes;
    private readonly ReportHash[][] _payloads;
    private readonly Dictionary<ReportHash, BadKind> _bad = [];
    private readonly bool[][] _arrived;
    private readonly long[][] _firstPublished;
    private readonly int[][] _arrivals;
    private readonly long[][] _marks;
    private readonly int[] _roundsPublished;
    private readonly long[] _deliveredOf;
    private readonly long[] _deliveredTo;
    private readonly LatencyHistogram _latencies = new();
    private readonly int[] _reject = new int[BadKinds.All.Count];
    private readonly int[] _ignore = new int[BadKinds.All.Count];
    private readonly HashSet<ReportHash> _badJudged = [];
    private TaskCompletionSource? _changed;
    private long _published;
    private long _badPublished;
    private long _delivered;
    private long _duplicates;
    private long _badDelivered;
    private long _badAccepted;
    private long _goodRefused;

    /// <summary>Begins with nothing.</summary>
    public Ledger(DemoPlan plan, TimeProvider time)
    {
        _plan = plan;
        _time = time;
        _nodes = plan.Networks.Count * plan.Options.Nodes;
        int rounds = plan.Options.Rounds;
        _payloads = [.. plan.Networks.Select(
            network => network.Payloads.Select(payload => ReportHash.Of(payload.Span)).ToArray())];
        _arrived = [.. Enumerable.Range(0, _nodes).Select(_ => new bool[plan.Networks.Count * rounds])];
        _firstPublished = [.. plan.Networks.Select(_ => new long[rounds])];
        _arrivals = [.. plan.Networks.Select(_ => new int[rounds])];
        _marks = [.. Enumerable.Range(0, _nodes).Select(_ => new long[plan.Networks.Count])];
        _roundsPublished = new int[plan.Networks.Count];
        _deliveredOf = new long[plan.Networks.Count];
        _deliveredTo = new long[_nodes];
    }

    /// <summary>A network is about to publish the report of a round for the first time.</summary>
    public void BeginRound(int network, int round, long timestamp)
    {
        lock (_gate)
        {
            _firstPublished[network][round] = timestamp;
            _roundsPublished[network] = round + 1;
        }
    }

    /// <summary>An agent took a good report from its node.</summary>
    public void Published()
    {
        lock (_gate)
        {
            _published++;
        }
    }

    /// <summary>The attacker is about to publish a bad report.</summary>
    public void BeginBad(BadKind kind, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            _bad.Add(ReportHash.Of(data), kind);
        }
    }

    /// <summary>The attacker's agent took a bad report.</summary>
    public void BadPublished()
    {
        lock (_gate)
        {
            _badPublished++;
        }
    }

    /// <summary>A node's verifier judged a message.</summary>
    public void Judged(ReadOnlySpan<byte> data, AgentVerdict verdict)
    {
        var hash = ReportHash.Of(data);
        lock (_gate)
        {
            if (!_bad.TryGetValue(hash, out BadKind kind))
            {
                _goodRefused += verdict == AgentVerdict.Reject ? 1 : 0;
                return;
            }

            _reject[(int)kind] += verdict == AgentVerdict.Reject ? 1 : 0;
            _ignore[(int)kind] += verdict == AgentVerdict.Ignore ? 1 : 0;
            _badAccepted += verdict == AgentVerdict.Accept ? 1 : 0;
            _badJudged.Add(hash);
            Changed();
        }
    }

    /// <summary>A node's processor got a message that is no report of a network of the plan.</summary>
    public void DeliveredUnknown()
    {
        lock (_gate)
        {
            _badDelivered++;
            Changed();
        }
    }

    /// <summary>A node's processor got a report.</summary>
    /// <param name="node">Whose: network × nodes + node.</param>
    /// <param name="network">Whose report it is, by its digest.</param>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="payload">The hash of its payload.</param>
    /// <param name="data">The message as it came.</param>
    /// <param name="timestamp">When.</param>
    public void Delivered(
        int node, int network, long sequence, ReportHash payload, ReadOnlySpan<byte> data, long timestamp)
    {
        var hash = ReportHash.Of(data);
        NetworkPlan plan = _plan.Networks[network];
        long round = sequence - plan.FirstSequence;
        lock (_gate)
        {
            bool isRound = round >= 0 && round < _plan.Options.Rounds;
            bool isPlanned = isRound
                ? _payloads[network][round] == payload
                : plan.IsMark(sequence) && payload == Mark;
            if (!isPlanned || _bad.ContainsKey(hash) || node / _plan.Options.Nodes == network)
            {
                // Nobody listens to its own network either: what came all the same must not make up for what is lost.
                _badDelivered++;
            }
            else if (isRound)
            {
                Count(node, network, (int)round, timestamp);
            }
            else
            {
                _marks[node][network] = Math.Max(_marks[node][network], sequence);
            }

            Changed();
        }
    }

    /// <summary>Whether every subscriber got all of a network's rounds up to <paramref name="round"/>, inclusive.</summary>
    public bool HasRound(int network, int round)
    {
        lock (_gate)
        {
            return round < 0 || _arrivals[network][round] >= _plan.SubscribersOfEach;
        }
    }

    /// <summary>Whether every subscriber of a network got a mark of at least <paramref name="sequence"/>.</summary>
    public bool HasMark(int network, long sequence)
    {
        lock (_gate)
        {
            return Enumerable.Range(0, _nodes)
                .Where(node => node / _plan.Options.Nodes != network)
                .All(node => _marks[node][network] >= sequence);
        }
    }

    /// <summary>Whether everything has arrived and a bad report of each kind has been judged somewhere.</summary>
    public bool IsComplete
    {
        get
        {
            lock (_gate)
            {
                return _delivered == _plan.ExpectedDeliveries
                    && _bad.Values.All(kind => _reject[(int)kind] + _ignore[(int)kind] > 0);
            }
        }
    }

    /// <summary>
    /// Whether every bad report has been judged somewhere: not so once the agents have stopped hearing the attacker.
    /// </summary>
    public bool IsEveryBadJudged
    {
        get
        {
            lock (_gate)
            {
                return _badJudged.Count == _bad.Count;
            }
        }
    }

    /// <summary>Waits until <paramref name="condition"/>; false when nothing new came for <paramref name="quiet"/>.</summary>
    public async Task<bool> WaitAsync(Func<bool> condition, TimeSpan quiet, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                _changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                changed = _changed.Task;
            }

            if (condition())
            {
                return true;
            }

            try
            {
                await changed.WaitAsync(quiet, _time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return condition();
            }
        }
    }

    /// <summary>How it stands.</summary>
    public Tally Read()
    {
        lock (_gate)
        {
            return new Tally
            {
                RoundsPublished = [.. _roundsPublished],
                DeliveredOf = [.. _deliveredOf],
                LostBy = [.. LostBy()],
                Published = _published,
                Expected = _plan.ExpectedDeliveries,
                Delivered = _delivered,
                Duplicates = _duplicates,
                BadPublished = _badPublished,
                BadDelivered = _badDelivered,
                BadAccepted = _badAccepted,
                GoodRejected = _goodRefused,
                Verdicts = [.. BadKinds.All.Select(kind => (kind, _reject[(int)kind], _ignore[(int)kind]))],
                P50Ms = _latencies.Milliseconds(0.5),
                P99Ms = _latencies.Milliseconds(0.99),
            };
        }
    }

    private void Count(int node, int network, int round, long timestamp)
    {
        ref bool arrived = ref _arrived[node][(network * _plan.Options.Rounds) + round];
        if (arrived)
        {
            _duplicates++;
            return;
        }

        arrived = true;
        _delivered++;
        _deliveredOf[network]++;
        _deliveredTo[node]++;
        _arrivals[network][round]++;
        _latencies.Add(_time.GetElapsedTime(_firstPublished[network][round], timestamp));
    }

    private IEnumerable<(string Node, long Count)> LostBy()
    {
        long expected = (long)(_plan.Networks.Count - 1) * _plan.Options.Rounds;
        for (int node = 0; node < _nodes; node++)
        {
            if (_deliveredTo[node] < expected)
            {
                (int network, int place) = int.DivRem(node, _plan.Options.Nodes);
                yield return (_plan.NameOf(network, place), expected - _deliveredTo[node]);
            }
        }
    }

    private void Changed()
    {
        _changed?.TrySetResult();
        _changed = null;
    }
}
