using Pmq.Client;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Tests.Reports;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests;

/// <summary>What a quorum verifier says of messages, with real signatures.</summary>
public sealed class QuorumVerifierTests
{
    [Theory]
    [InlineData(ReportScheme.Ocr2)]
    [InlineData(ReportScheme.Ocr3)]
    [InlineData(ReportScheme.Ocr3Contract)]
    [InlineData(ReportScheme.Ed25519)]
    [InlineData(ReportScheme.EcdsaP256)]
    public async Task A_report_in_order_is_accepted_under_each_scheme(ReportScheme scheme)
    {
        await using VerifierHarness harness = new(scheme: scheme);
        for (int i = 7; i < 9; i++)
        {
            Assert.Equal(
                new Judgement(AgentVerdict.Accept, JudgementReason.Accepted, "don-a", i), await harness.JudgeAsync(i));
        }
    }

    [Fact]
    public async Task What_is_no_canonical_report_is_rejected()
    {
        await using VerifierHarness harness = new();
        byte[] report = harness.Report(7);
        byte[][] refused = [[], [1], report[..^1], [.. report, 0], harness.Report(7, "hello", 0, 1, 2)];
        foreach (byte[] message in refused)
        {
            Judgement judgement = await harness.JudgeAsync(message);
            Assert.Equal((AgentVerdict.Reject, JudgementReason.Malformed), (judgement.Verdict, judgement.Reason));
        }
    }

    [Fact]
    public async Task A_report_of_a_digest_that_the_keyring_lacks_is_ignored()
    {
        await using VerifierHarness harness = new();
        harness.Current = new Keyring([]);
        Assert.Equal(
            new Judgement(AgentVerdict.Ignore, JudgementReason.UnknownNetwork, null, 7),
            await harness.JudgeAsync(harness.Report(7)));
        Assert.Equal(1, harness.Verifier.Snapshot().Unattributed[JudgementReason.UnknownNetwork]);
    }

    [Fact]
    public async Task A_report_on_an_overlay_of_another_network_is_rejected()
    {
        await using VerifierHarness harness = new();
        using TestNetwork other = new(ReportScheme.Ed25519, id: "don-b");
        ConfigDigest others = new([.. Enumerable.Repeat((byte)8, ConfigDigest.Length)]);
        harness.Current = new Keyring(
            [harness.Network, new Network("don-b", ["don.don-b.v1"], [new NetworkEpoch(others, other.Signers)])]);
        Assert.Equal(
            new Judgement(AgentVerdict.Reject, JudgementReason.WrongOverlay, "don-a", 7),
            await harness.JudgeAsync(harness.Report(7), "don.don-b.v1"));
    }

    [Fact]
    public async Task A_report_on_an_overlay_that_left_the_keyring_before_its_digest_is_held_against_nobody()
    {
        await using VerifierHarness harness = new();
        await harness.JudgeAsync(7);
        harness.Current = new Keyring([harness.Network with { Overlays = ["don.don-a.v2"] }]);
        Assert.Equal(
            new Judgement(AgentVerdict.Ignore, JudgementReason.UnknownOverlay, "don-a", 8),
            await harness.JudgeAsync(harness.Report(8)));
        Assert.Equal(
            AgentVerdict.Accept, (await harness.JudgeAsync(harness.Report(8), "don.don-a.v2")).Verdict);
    }

    [Fact]
    public async Task Fewer_signers_than_the_quorum_are_rejected()
    {
        await using VerifierHarness harness = new();
        Assert.Equal(
            new Judgement(AgentVerdict.Reject, JudgementReason.NoQuorum, "don-a", 7),
            await harness.JudgeAsync(harness.Report(7, "hello", 2)));
    }

    [Fact]
    public async Task A_forged_signature_is_rejected_and_leaves_no_trace_in_the_window()
    {
        await using VerifierHarness harness = new();
        await harness.JudgeAsync(7);
        SignedReport forged = new(
            harness.Members.NewReport(8), harness.Members.SignBy(harness.Members.NewReport(9)).Signatures);
        Assert.Equal(
            new Judgement(AgentVerdict.Reject, JudgementReason.BadSignature, "don-a", 8),
            await harness.JudgeAsync(forged.Encode()));
        Assert.Equal(JudgementReason.Accepted, (await harness.JudgeAsync(8)).Reason);
        Assert.Empty(harness.Equivocations);
    }

    [Theory]
    [InlineData(ReportScheme.Ocr2, 7)]
    [InlineData(ReportScheme.Ed25519, 1)]
    public async Task A_report_with_any_bit_flipped_is_not_accepted(ReportScheme scheme, int stride)
    {
        await using VerifierHarness harness = new(scheme: scheme);
        await harness.JudgeAsync(0x0101);
        byte[] report = harness.Report(0x0102);
        for (int bit = 0; bit < report.Length * 8; bit += stride)
        {
            report[bit / 8] ^= (byte)(1 << (bit % 8));
            Judgement judgement = await harness.JudgeAsync(report);
            Assert.True(
                judgement.Reason is JudgementReason.Malformed or JudgementReason.UnknownNetwork
                    or JudgementReason.NoQuorum or JudgementReason.BadSignature or JudgementReason.DoubtfulSignature,
                $"Bit {bit}: {judgement}");
            report[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Equal(JudgementReason.Accepted, (await harness.JudgeAsync(report)).Reason);
    }

    [Fact]
    public async Task Networks_and_the_epochs_of_one_have_windows_of_their_own()
    {
        await using VerifierHarness harness = new();
        ConfigDigest next = new([.. Enumerable.Repeat((byte)9, ConfigDigest.Length)]);
        ConfigDigest others = new([.. Enumerable.Repeat((byte)8, ConfigDigest.Length)]);
        using TestNetwork other = new(ReportScheme.Ed25519, id: "don-b");
        harness.Current = new Keyring(
        [
            harness.Network with { Epochs = [.. harness.Network.Epochs, new NetworkEpoch(next, harness.Members.Signers)] },
            new Network("don-b", ["don.don-b.v1"], [new NetworkEpoch(others, other.Signers)]),
        ]);
        Report report = harness.Members.NewReport(1_000_000);
        Task<Judgement>[] judging =
        [
            harness.JudgeAsync(harness.Members.SignBy(report).Encode()),
            harness.JudgeAsync(harness.Members.SignBy(report with { Digest = next, Sequence = 1 }).Encode()),
            harness.JudgeAsync(other.SignBy(report with { Digest = others, Sequence = 2 }).Encode(), "don.don-b.v1"),
        ];
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.All(await Task.WhenAll(judging), judgement => Assert.Equal(AgentVerdict.Accept, judgement.Verdict));
        Assert.Equal(
            [("don-a", 1_000_000L), ("don-a", 1L), ("don-b", 2L)],
            harness.Verifier.Snapshot().Windows.Select(window => (window.NetworkId, window.High!.Value)));
    }

    [Fact]
    public async Task The_same_report_by_another_quorum_is_the_same_report()
    {
        await using VerifierHarness harness = new();
        await harness.JudgeAsync(7);
        byte[] one = harness.Report(8, "hello", 0, 1);
        byte[] other = harness.Report(8, "hello", 2, 3);
        Assert.NotEqual(one, other);
        Assert.Equal(JudgementReason.Accepted, (await harness.JudgeAsync(one)).Reason);
        Assert.Equal(JudgementReason.Seen, (await harness.JudgeAsync(other)).Reason);
        Assert.Empty(harness.Equivocations);
    }

    [Fact]
    public async Task Two_reports_of_one_sequence_are_kept_and_reported_once_as_proof()
    {
        await using VerifierHarness harness = new();
        await harness.JudgeAsync(7);
        byte[] first = harness.Report(8, "up", 0, 1);
        byte[] second = harness.Report(8, "down", 2, 3);
        await harness.JudgeAsync(first);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(
                new Judgement(AgentVerdict.Ignore, JudgementReason.Equivocation, "don-a", 8),
                await harness.JudgeAsync(second));
        }

        Equivocation reported = Assert.Single(harness.Equivocations);
        Equivocation kept = Assert.Single(Assert.Single(harness.Verifier.Snapshot().Windows).Equivocations);
        Assert.Equal(reported, kept);
        foreach (byte[] half in new[] { kept.First.ToArray(), kept.Second.ToArray() })
        {
            Assert.Equal(ReportViolation.None, SignedReport.TryDecode(half, out SignedReport? report));
            Assert.Equal(8, report!.Report.Sequence);
            Assert.Equal(ReportViolation.None, harness.Members.Signers.Verify(report));
        }

        Assert.Equal((first, second), (kept.First.ToArray(), kept.Second.ToArray()), EqualBytes);
    }

    [Fact]
    public async Task Two_reports_that_differ_in_the_extra_hash_alone_are_an_equivocation()
    {
        await using VerifierHarness harness = new(scheme: ReportScheme.Ocr2);
        await harness.JudgeAsync(7);
        Report other = harness.Members.NewReport(7) with { ExtraHash = Enumerable.Repeat((byte)1, 32).ToArray() };
        Assert.Equal(
            JudgementReason.Equivocation, (await harness.JudgeAsync(harness.Members.SignBy(other).Encode())).Reason);
        Assert.Single(harness.Equivocations);
    }

    [Fact]
    public async Task What_the_application_throws_at_an_equivocation_is_no_verdict()
    {
        await using VerifierHarness harness = new(with: options => options with
        {
            OnEquivocation = _ => throw new InvalidOperationException("The application's own fault."),
        });
        await harness.JudgeAsync(7);
        Assert.Equal(JudgementReason.Equivocation, (await harness.JudgeAsync(7, "other")).Reason);
    }

    [Fact]
    public async Task Old_and_far_future_reports_are_rejected_only_in_step()
    {
        await using VerifierHarness harness = new();
        await harness.JudgeAsync(10_000);
        Assert.Equal(AgentVerdict.Ignore, (await harness.JudgeAsync(1)).Verdict);
        Assert.Equal(AgentVerdict.Ignore, (await harness.JudgeAsync(1_000_000)).Verdict);

        await harness.GetInStepAsync(10_001);
        Assert.Equal(
            new Judgement(AgentVerdict.Reject, JudgementReason.Stale, "don-a", 1), await harness.JudgeAsync(1));
        Assert.Equal(
            new Judgement(AgentVerdict.Reject, JudgementReason.TooNew, "don-a", 1_000_000),
            await harness.JudgeAsync(1_000_000));
        Assert.Equal(AgentVerdict.Ignore, (await harness.JudgeAsync(9_500)).Verdict);
    }

    [Fact]
    public async Task The_first_reports_wait_until_the_highest_is_known()
    {
        await using VerifierHarness harness = new();
        int[] first = [500, 900, 850];
        Task<Judgement>[] judging = [.. first.Select(sequence => harness.JudgeAsync(harness.Report(sequence)))];
        Assert.All(judging, call => Assert.False(call.IsCompleted));
        Assert.Equal(3, Assert.Single(harness.Verifier.Snapshot().Windows).Held);
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(JudgementReason.Old, (await judging[0]).Reason);
        Assert.Equal(JudgementReason.Accepted, (await judging[1]).Reason);
        Assert.Equal(JudgementReason.Accepted, (await judging[2]).Reason);
        Assert.Equal(900, Assert.Single(harness.Verifier.Snapshot().Windows).High);
    }

    [Fact]
    public async Task A_held_report_whose_call_is_cancelled_can_come_again()
    {
        await using VerifierHarness harness = new();
        byte[] report = harness.Report(7);
        using CancellationTokenSource cancelled = new();
        Task<Judgement> first =
            harness.Verifier.JudgeAsync(VerifierHarness.Overlay, report, cancelled.Token).AsTask();
        Assert.False(first.IsCompleted);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        Task<Judgement> second = harness.JudgeAsync(report);
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(JudgementReason.Accepted, (await second).Reason);
    }

    [Fact]
    public async Task Ending_the_verifier_lets_go_of_held_reports_without_a_verdict_on_anyone()
    {
        VerifierHarness harness = new();
        Task<Judgement> held = harness.JudgeAsync(harness.Report(7));
        await harness.DisposeAsync();
        Assert.Equal(new Judgement(AgentVerdict.Ignore, JudgementReason.Released, "don-a", 7), await held);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => harness.JudgeAsync([1, 2]));
    }

    [Fact]
    public async Task A_reload_keeps_the_windows_of_digests_that_stay_and_takes_their_new_thresholds()
    {
        await using VerifierHarness harness = new();
        await harness.JudgeAsync(7);
        harness.Current = new Keyring([harness.Network with { Window = new WindowOptions { FutureBound = 5 } }]);
        Assert.Equal(JudgementReason.Seen, (await harness.JudgeAsync(7)).Reason);
        Assert.Equal(JudgementReason.TooNew, (await harness.JudgeAsync(13)).Reason);
        Assert.Equal(JudgementReason.Accepted, (await harness.JudgeAsync(12)).Reason);
    }

    [Fact]
    public async Task A_digest_that_leaves_the_keyring_takes_its_window_along()
    {
        await using VerifierHarness harness = new();
        Task<Judgement> held = harness.JudgeAsync(harness.Report(7));
        harness.Current = new Keyring([]);
        Assert.Equal(JudgementReason.UnknownNetwork, (await harness.JudgeAsync(harness.Report(8))).Reason);
        Assert.Equal(JudgementReason.Released, (await held).Reason);
        Assert.Empty(harness.Verifier.Snapshot().Windows);
    }

    [Fact]
    public async Task A_digest_that_another_network_takes_over_begins_a_window_of_its_own()
    {
        await using VerifierHarness harness = new(scheme: ReportScheme.Ocr2);
        await harness.JudgeAsync(7);
        var signers = new SignerSet(
            "don-c", ReportScheme.Ocr2, harness.Members.Signers.Signers, 1, QuorumPolicy.OneHonest);
        harness.Current = new Keyring(
            [new Network("don-c", [VerifierHarness.Overlay], [new NetworkEpoch(TestNetwork.Digest, signers)])]);
        Assert.Equal(
            new Judgement(AgentVerdict.Accept, JudgementReason.Accepted, "don-c", 7), await harness.JudgeAsync(7));
        Assert.Equal("don-c", Assert.Single(harness.Verifier.Snapshot().Windows).NetworkId);
    }

    [Fact]
    public async Task Reports_judged_at_once_are_each_accepted_once()
    {
        await using VerifierHarness harness = new();
        await harness.JudgeAsync(0);
        byte[][] reports = [.. Enumerable.Range(1, 100).Select(i => harness.Report(i))];
        Judgement[] judgements = await Task.WhenAll(
            Enumerable.Range(0, 400).Select(i => Task.Run(() => harness.JudgeAsync(reports[i % 100]))));
        Assert.Equal(100, judgements.Count(j => j.Reason == JudgementReason.Accepted));
        Assert.Equal(300, judgements.Count(j => j.Reason is JudgementReason.Seen));
    }

    private static bool EqualBytes((byte[] First, byte[] Second) one, (byte[] First, byte[] Second) other) =>
        one.First.AsSpan().SequenceEqual(other.First) && one.Second.AsSpan().SequenceEqual(other.Second);
}
