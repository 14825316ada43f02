using Pmq.Client;
using Pmq.Testing;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Tests.Reports;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests;

/// <summary>A verifier of one network of four, in virtual time.</summary>
internal sealed class VerifierHarness : IKeyringSource, IAsyncDisposable
{
    public const string Overlay = "don.don-a.v1";

    public VerifierHarness(
        IMarkStore? marks = null,
        WindowOptions? window = null,
        ReportScheme scheme = ReportScheme.Ed25519,
        VirtualTimeProvider? time = null,
        Func<QuorumVerifierOptions, QuorumVerifierOptions>? with = null)
    {
        Time = time ?? new VirtualTimeProvider();
        Members = new TestNetwork(scheme);
        Network = new Network("don-a", [Overlay], [new NetworkEpoch(TestNetwork.Digest, Members.Signers)])
        {
            Window = window ?? new WindowOptions(),
        };
        Current = new Keyring([Network]);
        QuorumVerifierOptions options = new()
        {
            Networks = this,
            Marks = marks,
            TimeProvider = Time,
            OnEquivocation = Equivocations.Add,
            OnMarksFailed = MarkFaults.Add,
        };
        Verifier = new QuorumVerifier(with?.Invoke(options) ?? options);
    }

    public VirtualTimeProvider Time { get; }

    public TestNetwork Members { get; }

    public Network Network { get; }

    public Keyring Current { get; set; }

    public QuorumVerifier Verifier { get; }

    public List<Equivocation> Equivocations { get; } = [];

    public List<Exception> MarkFaults { get; } = [];

    public byte[] Report(long sequence, string payload = "hello", params int[] members) =>
        Members.SignBy(Members.NewReport(sequence, payload), members).Encode();

    public Task<Judgement> JudgeAsync(byte[] message, string topic = Overlay) =>
        Verifier.JudgeAsync(topic, message, TestContext.Current.CancellationToken).AsTask();

    /// <summary>Judges a report; a window that settles is given the time.</summary>
    public async Task<Judgement> JudgeAsync(long sequence, string payload = "hello")
    {
        Task<Judgement> judging = JudgeAsync(Report(sequence, payload));
        if (!judging.IsCompleted)
        {
            Time.Advance(Network.Window.SettlingSpan);
        }

        return await judging;
    }

    /// <summary>Judges rising reports until the window is in step; returns the last sequence.</summary>
    public async Task<long> GetInStepAsync(long first)
    {
        await JudgeAsync(first);
        long sequence = first;
        for (TimeSpan since = TimeSpan.Zero; since < Network.Window.InStepSpan; since += Network.Window.InStepSpan / 3)
        {
            Time.Advance(Network.Window.InStepSpan / 3);
            Assert.Equal(AgentVerdict.Accept, (await JudgeAsync(++sequence)).Verdict);
        }

        Assert.True(Assert.Single(Verifier.Snapshot().Windows).InStep);
        return sequence;
    }

    public async ValueTask DisposeAsync()
    {
        await Verifier.DisposeAsync();
        Members.Dispose();
    }
}
