using Pmq.Simulation.Links;
using Pmq.Simulation.Messages;

namespace Pmq.Simulation.Attackers;

/// <summary>
/// Takes places in meshes and passes on only what suits it: nothing (a sinkhole), all until its time comes (covert), all
/// but one author's (a censor), or a part. It grafts every topic, and again <see cref="RegraftAfter"/> after a PRUNE's
/// backoff, so that no rule of the protocol is broken.
/// </summary>
/// <param name="plan">Whom, where, when.</param>
/// <param name="passes">
/// Whether it passes a message on: its own decision, by message and topic; false for all makes it a sinkhole.
/// </param>
internal sealed class Infiltrator(AttackPlan plan, Func<SimMessage, bool> passes) : Attacker(plan)
{
    private const int FlashTimer = 1;
    private const int GraftTimer = 2;

    private readonly HashSet<Connection>[] _refused = [.. plan.Topics.Select(_ => new HashSet<Connection>())];
    private readonly List<Connection>[] _meshes = [.. plan.Topics.Select(_ => new List<Connection>())];
    private ulong[] _seen = [];
    private long _degree = int.MaxValue;

    /// <summary>How long after a backoff it grafts again. Default 15 s, as the published attacker.</summary>
    public TimeSpan RegraftAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// When it shows itself; null (default) for from the beginning. Until then it dials <see cref="CovertDials"/> of its
    /// targets and keeps a mesh like an honest node's; from then on it dials all and grafts all.
    /// </summary>
    public TimeSpan? FlashAt { get; init; }

    /// <summary>Targets that it dials before <see cref="FlashAt"/>.</summary>
    public int CovertDials { get; init; }

    /// <summary>
    /// Connections that it grafts before <see cref="FlashAt"/>, and half as many again that may graft it, in each topic.
    /// Default 8.
    /// </summary>
    public int CovertDegree { get; init; } = 8;

    /// <summary>How long a peer that it refuses is kept away. Default 60 s.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(60);

    /// <inheritdoc />
    protected internal override void OnStart()
    {
        if (FlashAt is not { } flash)
        {
            base.OnStart();
            return;
        }

        _degree = CovertDegree;
        for (int i = 0; i < Plan.Targets.Count; i++)
        {
            DialLater(
                Plan.Targets[i],
                i < CovertDials ? TimeSpan.Zero : flash - Now,
                i < CovertDials ? TimeSpan.FromSeconds(1) : Plan.Spread);
        }

        SetTimer(flash - Now, FlashTimer);
    }

    /// <inheritdoc />
    protected override void Begin(Connection connection)
    {
        for (int topic = 0; topic < _meshes.Length; topic++)
        {
            if (_meshes[topic].Count < _degree)
            {
                Rpc.Graft(Plan.Topics[topic]);
                _meshes[topic].Add(connection);
            }
        }
    }

    /// <inheritdoc />
    protected internal override void OnDisconnected(Connection connection)
    {
        for (int topic = 0; topic < _meshes.Length; topic++)
        {
            _meshes[topic].Remove(connection);
            _refused[topic].Remove(connection);
        }

        base.OnDisconnected(connection);
    }

    /// <inheritdoc />
    protected override void OnGraft(Connection from, int topic)
    {
        if (_meshes[topic].Contains(from))
        {
            return;
        }

        if (_meshes[topic].Count < _degree * 3 / 2)
        {
            _meshes[topic].Add(from);
        }
        else
        {
            Rpc.Prune(Plan.Topics[topic], (ulong)Backoff.TotalSeconds);
            SendControl(from);
        }
    }

    /// <inheritdoc />
    protected override void OnPrune(Connection from, int topic, TimeSpan backoff)
    {
        _meshes[topic].Remove(from);
        if (_refused[topic].Add(from))
        {
            SetTimer(backoff + RegraftAfter, GraftTimer + topic, from);
        }
    }

    /// <inheritdoc />
    protected override void OnAttack(int timer, object? state)
    {
        if (timer == FlashTimer)
        {
            _degree = int.MaxValue;
            GraftAll();
            return;
        }

        int topic = timer - GraftTimer;
        if (state is Connection { IsOpen: true } connection && _refused[topic].Remove(connection)
            && _meshes[topic].Count < _degree && !_meshes[topic].Contains(connection))
        {
            _meshes[topic].Add(connection);
            Rpc.Graft(Plan.Topics[topic]);
            SendControl(connection);
        }
    }

    // Those that have refused it keep their time.
    private void GraftAll()
    {
        for (int topic = 0; topic < _meshes.Length; topic++)
        {
            foreach (Connection connection in Connections)
            {
                if (!_meshes[topic].Contains(connection) && _refused[topic].Add(connection))
                {
                    SetTimer(Chance.NextTimeSpan(TimeSpan.Zero, Plan.Spread), GraftTimer + topic, connection);
                }
            }
        }
    }

    /// <inheritdoc />
    protected override void OnMessage(Connection from, SimMessage message)
    {
        if (!TryNote(message.Number) || !passes(message))
        {
            return;
        }

        int topic = Plan.Topics.IndexOf(message.Topic);
        foreach (Connection connection in topic < 0 ? [] : _meshes[topic])
        {
            if (connection != from && connection.IsOpen)
            {
                Send(connection, message.Frame, FrameClass.Relay);
                Sent++;
            }
        }
    }

    private bool TryNote(int number)
    {
        int word = number >> 6;
        if (word >= _seen.Length)
        {
            Array.Resize(ref _seen, Math.Max(word + 1, _seen.Length * 2));
        }

        ulong bit = 1UL << (number & 63);
        bool isNew = (_seen[word] & bit) == 0;
        _seen[word] |= bit;
        return isNew;
    }
}
