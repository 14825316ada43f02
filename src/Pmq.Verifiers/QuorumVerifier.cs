using Pmq.Client;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers;

/// <summary>
/// Judges quorum-signed reports: encoding, network, signatures, then the place in the network's order. Thread-safe;
/// signatures are checked on the caller's thread, those of several calls at once.
/// </summary>
/// <remarks>
/// A report is accepted once its sequence is durable in <see cref="QuorumVerifierOptions.Marks"/>, so a verifier that
/// starts again from the same marks accepts no sequence twice. A report whose verdict is then lost is lost to this
/// node.
/// </remarks>
public sealed class QuorumVerifier : IMessageVerifier, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<MarkKey, NetworkWindow> _windows = [];
    private readonly QuorumVerifierOptions _options;
    private readonly VerifierMetrics _metrics;
    private readonly ReasonCounts _unattributed = new();
    private Keyring _keyring;
    private int _marksFail;
    private bool _disposed;

    /// <summary>Creates a verifier.</summary>
    public QuorumVerifier(QuorumVerifierOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _keyring = options.Networks.Current;
        _metrics = new VerifierMetrics(options.MeterFactory, Windows);
    }

    /// <summary>
    /// Judges a message. The first reports of a window without a mark are answered after
    /// <see cref="WindowOptions.SettlingSpan"/>.
    /// </summary>
    /// <param name="topic">The overlay that it came on.</param>
    /// <param name="data">The message; kept for a while, so it must not be written to again.</param>
    /// <param name="cancellationToken">
    /// Ends the wait. The report was not accepted and can come again, as when the verifier stops and the agent asks
    /// another.
    /// </param>
    /// <exception cref="ObjectDisposedException">The verifier has ended.</exception>
    public async ValueTask<Judgement> JudgeAsync(
        string topic, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ReportViolation violation = SignedReport.TryDecode(data, out SignedReport? signed);
        if (violation != ReportViolation.None)
        {
            return Tell(null, null, 0, JudgementVerdicts.Of(violation));
        }

        Report report = signed!.Report;
        if (Place(report.Digest, out Exception? fault) is not { } place)
        {
            return Tell(null, null, report.Sequence, JudgementReason.UnknownNetwork);
        }

        (Keyring keyring, Network network, NetworkEpoch epoch, NetworkWindow? window) = place;
        if (fault is not null)
        {
            FailMarks(fault);
        }

        if (!keyring.TryFind(topic, out Network? carried))
        {
            return Tell(network, window, report.Sequence, JudgementReason.UnknownOverlay);
        }

        if (!ReferenceEquals(carried, network))
        {
            return Tell(network, window, report.Sequence, JudgementReason.WrongOverlay);
        }

        violation = epoch.Signers.Verify(signed);
        if (violation != ReportViolation.None)
        {
            return Tell(network, window, report.Sequence, JudgementVerdicts.Of(violation));
        }

        if (window is null)
        {
            return Tell(network, null, report.Sequence, JudgementReason.NotSaved);
        }

        WindowReport ours = new(report.Sequence, ContentHash.Of(report), data);
        WindowEffect effect = await window.JudgeAsync(ours, cancellationToken).ConfigureAwait(false);
        if (effect.Proof is { } proof)
        {
            Report(network, new Equivocation(network.Id, report.Digest, proof.Sequence, proof.First, proof.Second));
        }

        JudgementReason reason = effect.Reason;
        if (reason == JudgementReason.Accepted
            && !await SaveAsync(network, ours, window, cancellationToken).ConfigureAwait(false))
        {
            reason = JudgementReason.NotSaved;
        }

        return Tell(network, window, report.Sequence, reason, effect.InStep);
    }

    /// <inheritdoc />
    public async ValueTask<AgentVerdict> VerifyAsync(AgentMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return (await JudgeAsync(message.Topic, message.Data, cancellationToken).ConfigureAwait(false)).Verdict;
    }

    /// <summary>How it stands with each network and digest.</summary>
    public VerifierSnapshot Snapshot() => new(
        [
            .. Windows().Select(window => window.Snapshot())
                .OrderBy(window => window.NetworkId, StringComparer.Ordinal)
                .ThenBy(window => window.Digest.ToString(), StringComparer.Ordinal),
        ],
        _unattributed.Snapshot());

    /// <summary>Ends it: reports that are held are ignored. The marks stay the caller's.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
            Drop(_ => true);
        }

        // Outside the lock: whoever reads the gauges holds the meter's own and asks for ours.
        _metrics.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// The network and epoch that <paramref name="digest"/> names now, and their window; null when it names none. The
    /// window is null when its mark cannot be read, for <paramref name="fault"/>.
    /// </summary>
    private (Keyring Keyring, Network Network, NetworkEpoch Epoch, NetworkWindow? Window)? Place(
        ConfigDigest digest, out Exception? fault)
    {
        fault = null;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);

            // Read inside the lock, so that a slow thread cannot put an older keyring back in force.
            Keyring keyring = _options.Networks.Current;
            if (!ReferenceEquals(keyring, _keyring))
            {
                _keyring = keyring;
                Drop(key => !keyring.TryFind(key.Digest, out Network? named, out _) || named.Id != key.NetworkId);
            }

            return keyring.TryFind(digest, out Network? network, out NetworkEpoch? epoch)
                ? (keyring, network, epoch, WindowOf(network, epoch, out fault))
                : null;
        }
    }

    private NetworkWindow? WindowOf(Network network, NetworkEpoch epoch, out Exception? fault)
    {
        fault = null;
        MarkKey key = new(network.Id, epoch.Digest);
        if (_windows.TryGetValue(key, out NetworkWindow? window))
        {
            window.Configure(network.Window);
            return window;
        }

        long? mark;
        try
        {
            mark = _options.Marks?.Load(network.Id, epoch.Digest);
        }
        catch (Exception e)
        {
            fault = e;
            return null;
        }

        window = new NetworkWindow(network.Id, epoch.Digest, network.Window, mark, _options.TimeProvider);
        _windows.Add(key, window);
        return window;
    }

    private void Drop(Predicate<MarkKey> leaves)
    {
        foreach (MarkKey key in _windows.Keys.Where(key => leaves(key)).ToArray())
        {
            _windows.Remove(key, out NetworkWindow? window);
            window!.Dispose();
        }
    }

    private NetworkWindow[] Windows()
    {
        lock (_lock)
        {
            return [.. _windows.Values];
        }
    }

    /// <summary>Makes an acceptance durable; what cannot be, or is not waited for, was never accepted.</summary>
    private async ValueTask<bool> SaveAsync(
        Network network, WindowReport report, NetworkWindow window, CancellationToken cancellationToken)
    {
        if (_options.Marks is not { } marks)
        {
            return true;
        }

        try
        {
            await marks.SaveAsync(network.Id, window.Digest, report.Sequence, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _marksFail, 0);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            window.Withdraw(report);
            throw;
        }
        catch (Exception e)
        {
            window.Withdraw(report);
            FailMarks(e);
            return false;
        }
    }

    private void FailMarks(Exception fault)
    {
        _metrics.Faulted("marks");
        if (Interlocked.Exchange(ref _marksFail, 1) == 0)
        {
            Call(_options.OnMarksFailed, fault);
        }
    }

    private void Report(Network network, Equivocation equivocation)
    {
        _metrics.Equivocated(network.Id);
        Call(_options.OnEquivocation, equivocation);
    }

    private void Call<T>(Action<T>? callback, T argument)
    {
        try
        {
            callback?.Invoke(argument);
        }
        catch (Exception)
        {
            // The application's fault must not become a verdict on a peer.
            _metrics.Faulted("callback");
        }
    }

    private Judgement Tell(
        Network? network, NetworkWindow? window, long sequence, JudgementReason reason, bool inStep = false)
    {
        (window?.Counts ?? _unattributed).Add(reason);
        AgentVerdict verdict = JudgementVerdicts.Of(reason, inStep);
        _metrics.Judged(network?.Id, verdict, reason);
        return new Judgement(verdict, reason, network?.Id, sequence);
    }
}
