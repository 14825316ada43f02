using Pmq.Client;
using Pmq.Testing;
using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Tests.Reports;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests.Window;

/// <summary>A verifier that ends at any moment and starts again from what is on the disk.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly StateDirectory _state = new();

    [Fact]
    public async Task A_verifier_that_is_killed_at_any_step_accepts_no_sequence_twice_when_it_starts_again()
    {
        List<long> accepted = [];
        List<(string Copy, long[] Accepted)> crashes = [];
        await using FileMarkStore store = _state.Open(_ => crashes.Add((_state.Copy(), [.. accepted])));
        await using VerifierHarness harness = new(store);
        foreach (long sequence in new long[] { 10, 11, 13, 12, 50, 49, 51 })
        {
            Assert.Equal(AgentVerdict.Accept, (await harness.JudgeAsync(sequence)).Verdict);
            accepted.Add(sequence);
        }

        Assert.Equal(5 * Enum.GetValues<MarkFileStep>().Length, crashes.Count);
        foreach ((string copy, long[] before) in crashes)
        {
            await using FileMarkStore left = FileMarkStore.Open(new FileMarkStoreOptions { Directory = copy });
            await using VerifierHarness again = new(left);
            foreach (long sequence in before)
            {
                Judgement judgement = await again.JudgeAsync(sequence);
                Assert.Equal(AgentVerdict.Ignore, judgement.Verdict);
            }

            Assert.Equal(AgentVerdict.Accept, (await again.JudgeAsync(52)).Verdict);
        }
    }

    [Fact]
    public async Task With_a_mark_nothing_is_held_and_what_the_network_did_meanwhile_costs_nobody_anything()
    {
        await using (FileMarkStore store = _state.Open())
        await using (VerifierHarness harness = new(store))
        {
            await harness.GetInStepAsync(10);
        }

        await using FileMarkStore reopened = _state.Open();
        await using VerifierHarness again = new(reopened);
        Judgement[] judgements =
        [
            await again.JudgeAsync(again.Report(1_000_000)),
            await again.JudgeAsync(again.Report(11)),
            await again.JudgeAsync(again.Report(1_000_001)),
            await again.JudgeAsync(again.Report(1_000_002)),
        ];
        Assert.Equal(
            [JudgementReason.TooNew, JudgementReason.Seen, JudgementReason.TooNew, JudgementReason.Accepted],
            judgements.Select(judgement => judgement.Reason));
        Assert.DoesNotContain(judgements, judgement => judgement.Verdict == AgentVerdict.Reject);
        Assert.Equal(1_000_002, reopened.Load("don-a", TestNetwork.Digest));
    }

    [Fact]
    public async Task What_cannot_be_saved_is_ignored_and_told_once_until_it_works_again()
    {
        bool full = true;
        await using FileMarkStore store = _state.Open(_ =>
        {
            if (full)
            {
                throw new IOException("No space left on device");
            }
        });
        await using VerifierHarness harness = new(store);
        Assert.Equal((AgentVerdict.Ignore, JudgementReason.NotSaved), Told(await harness.JudgeAsync(1)));
        Assert.Equal((AgentVerdict.Ignore, JudgementReason.NotSaved), Told(await harness.JudgeAsync(2)));
        Assert.Contains("No space left on device", Assert.Single(harness.MarkFaults).Message, StringComparison.Ordinal);
        full = false;
        Assert.Equal((AgentVerdict.Accept, JudgementReason.Accepted), Told(await harness.JudgeAsync(3)));
        full = true;
        Assert.Equal((AgentVerdict.Ignore, JudgementReason.NotSaved), Told(await harness.JudgeAsync(4)));
        Assert.Equal(2, harness.MarkFaults.Count);
        Assert.Equal(3, Assert.Single(harness.Verifier.Snapshot().Windows).Counts[JudgementReason.NotSaved]);
    }

    [Fact]
    public async Task A_report_whose_call_is_cancelled_while_its_mark_is_saved_is_accepted_when_it_comes_again()
    {
        using SemaphoreSlim writing = new(0);
        using ManualResetEventSlim go = new();
        await using FileMarkStore store = _state.Open(step =>
        {
            if (step == MarkFileStep.Created && !go.IsSet)
            {
                writing.Release();
                go.Wait();
            }
        });
        await using VerifierHarness harness = new(store, new WindowOptions { SettlingSpan = TimeSpan.Zero });
        using CancellationTokenSource cancelled = new();
        byte[] report = harness.Report(7);
        Task<Judgement> first = harness.Verifier.JudgeAsync(VerifierHarness.Overlay, report, cancelled.Token).AsTask();
        await writing.WaitAsync(TestContext.Current.CancellationToken);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        go.Set();
        Assert.Equal(JudgementReason.Accepted, (await harness.JudgeAsync(report)).Reason);
        Assert.Equal(JudgementReason.Seen, (await harness.JudgeAsync(report)).Reason);
    }

    [Fact]
    public async Task What_could_not_be_saved_is_accepted_when_it_comes_again_and_can_be()
    {
        bool full = true;
        await using FileMarkStore store = _state.Open(_ =>
        {
            if (full)
            {
                throw new IOException("No space left on device");
            }
        });
        await using VerifierHarness harness = new(store);
        Assert.Equal(JudgementReason.NotSaved, (await harness.JudgeAsync(7)).Reason);
        full = false;
        Assert.Equal(JudgementReason.Equivocation, (await harness.JudgeAsync(7, "other")).Reason);
        Assert.Equal(JudgementReason.Accepted, (await harness.JudgeAsync(7)).Reason);
        Assert.Equal(JudgementReason.Seen, (await harness.JudgeAsync(7)).Reason);
        Assert.Single(harness.Equivocations);
    }

    [Fact]
    public async Task A_mark_that_cannot_be_read_is_no_fresh_start()
    {
        UnreadableMarks marks = new();
        await using VerifierHarness harness = new(marks);
        Assert.Equal(JudgementReason.NotSaved, (await harness.JudgeAsync(harness.Report(7))).Reason);
        Assert.Single(harness.MarkFaults);
        marks.Mark = 7;
        Assert.Equal(JudgementReason.Seen, (await harness.JudgeAsync(harness.Report(7))).Reason);
        Assert.Equal(JudgementReason.Accepted, (await harness.JudgeAsync(harness.Report(8))).Reason);
    }

    [Fact]
    public async Task A_machine_that_slept_does_not_believe_itself_in_step()
    {
        SleepingTime time = new();
        await using VerifierHarness harness = new(with: options => options with { TimeProvider = time });
        Task<Judgement> first = harness.JudgeAsync(harness.Report(1));
        time.Awake.Advance(TimeSpan.FromSeconds(1));
        await first;
        for (int i = 2; i < 5; i++)
        {
            time.Awake.Advance(TimeSpan.FromSeconds(15));
            await harness.JudgeAsync(harness.Report(i));
        }

        Assert.True(Assert.Single(harness.Verifier.Snapshot().Windows).InStep);
        time.Slept = TimeSpan.FromHours(1);
        Assert.Equal((AgentVerdict.Ignore, JudgementReason.TooNew), Told(await harness.JudgeAsync(100_000)));
    }

    public void Dispose() => _state.Dispose();

    private static (AgentVerdict Verdict, JudgementReason Reason) Told(Judgement judgement) =>
        (judgement.Verdict, judgement.Reason);

    private sealed class UnreadableMarks : IMarkStore
    {
        public long? Mark { get; set; }

        public long? Load(string networkId, ConfigDigest digest) =>
            Mark ?? throw new MarkStoreException("The disk is gone.");

        public ValueTask SaveAsync(
            string networkId, ConfigDigest digest, long sequence, CancellationToken cancellationToken) =>
            ValueTask.CompletedTask;
    }

    /// <summary>Its timestamps leave out the time that the machine slept, as those of Linux do.</summary>
    private sealed class SleepingTime : TimeProvider
    {
        public VirtualTimeProvider Awake { get; } = new();

        public TimeSpan Slept { get; set; }

        public override long TimestampFrequency => Awake.TimestampFrequency;

        public override long GetTimestamp() => Awake.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => Awake.GetUtcNow() + Slept;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            Awake.CreateTimer(callback, state, dueTime, period);
    }
}
