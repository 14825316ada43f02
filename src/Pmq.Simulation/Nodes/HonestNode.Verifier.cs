using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;
using Pmq.Simulation.Measuring;
using Pmq.Simulation.Messages;

namespace Pmq.Simulation.Nodes;

// Its verifier: a bounded queue, so many verdicts a second, a delay; it judges by the truth and by what it accepted.
public partial class HonestNode
{
    private static readonly TimeSpan SignatureDelay = TimeSpan.FromMilliseconds(0.1);

    // Only where the router may outlive the verifier.
    private readonly List<GossipMessage> _judging = [];
    private long _verifierFreeAt;

    /// <summary>Messages that its verifier was asked about.</summary>
    public long VerdictsAsked { get; private set; }

    /// <summary>Verdicts of each kind, by <see cref="Verdict"/>.</summary>
    public long[] VerdictCounts { get; } = new long[Enum.GetValues<Verdict>().Length];

    /// <summary>Messages that its verifier holds.</summary>
    public int VerifierBacklog { get; private set; }

    /// <summary>
    /// Its verdict: the truth, except that what it accepted before, or what is too old, is ignored. A payload that is
    /// not in the ledger is rejected.
    /// </summary>
    protected virtual Verdict Judge(SimMessage? message) => message switch
    {
        null => Verdict.Reject,
        { Truth: MessageTruth.Reject } => Verdict.Reject,
        { Truth: MessageTruth.Ignore } => Verdict.Ignore,
        _ when message.WasDeliveredTo(this) || Now - message.CreatedAt > Options.Verifier.MaxAge => Verdict.Ignore,
        _ => Verdict.Accept,
    };

    private void BeginVerdict(GossipMessage message)
    {
        VerdictsAsked++;
        VerifierOptions options = Options.Verifier;
        if (VerifierBacklog >= options.QueueLength)
        {
            Router.OnLost(message, ValidationLoss.QueueFull, Now);
            return;
        }

        VerifierBacklog++;
        long now = World.NowTicks;
        long done = now;
        if (options.PerSecond > 0)
        {
            _verifierFreeAt = Math.Max(now, _verifierFreeAt) + (long)(TimeSpan.TicksPerSecond / options.PerSecond);
            done = _verifierFreeAt;
        }

        TimeSpan delay = TimeSpan.FromTicks(done - now) + (options.MaxDelay > options.MinDelay
            ? Chance.NextTimeSpan(options.MinDelay, options.MaxDelay)
            : options.MinDelay);
        if (Options.KeepsRouter)
        {
            _judging.RemoveAll(static waiting => !waiting.IsWaiting);
            _judging.Add(message);
        }

        SetTimer(delay, VerdictTimer, message);
        if (delay > options.Timeout)
        {
            SetTimer(options.Timeout, TimeoutTimer, message);
        }
    }

    private void OnJudged(GossipMessage message)
    {
        VerifierBacklog--;
        World.Messages.TryFind(message.Data.Span, out SimMessage? known);
        if (message.IsWaiting)
        {
            World.Checkers.BeforeVerdict(this, known);
        }

        Verdict verdict = Judge(known);
        VerdictCounts[(int)verdict]++;
        World.Trace.Add(World.NowTicks, Number, TraceStep.Verdict, ((long)verdict << 32) | (uint)(known?.Number ?? -1));
        World.Follow(known?.Number ?? -1, this, verdict switch
        {
            Verdict.Accept => "accepts it",
            Verdict.Reject => "rejects it",
            _ => "ignores it",
        });
        GossipPeer? sender = verdict == Verdict.Reject ? message.ReceivedFrom : null;
        double before = sender is null ? 0 : World.Checkers.ScoreBefore(this, sender);
        if (Router.OnVerdict(message, verdict, Now, _effects) && sender is not null)
        {
            World.Checkers.AfterPenalty(this, sender, before);
        }

        EndTurn();
    }

    private void OnSignatureChecked(GossipMessage message)
    {
        Router.OnSignature(message, MessageVerifier.Verify(message), Now, _effects);
        EndTurn();
    }

    private void OnTimedOut(GossipMessage message)
    {
        Router.OnLost(message, ValidationLoss.Timeout, Now);
        EndTurn();
    }

    private void ResetVerifier()
    {
        _judging.Clear();
        VerifierBacklog = 0;
        _verifierFreeAt = 0;
    }

    /// <summary>The router outlives its verifier: what waits gets no verdict.</summary>
    private void LoseVerdicts()
    {
        foreach (GossipMessage message in _judging)
        {
            Router.OnLost(message, ValidationLoss.VerifierLost, Now);
        }

        _judging.Clear();
        ResetVerifier();
    }
}
