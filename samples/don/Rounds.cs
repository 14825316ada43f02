using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Pmq.Client;
using Pmq.Verifiers.Reports;

/// <summary>
/// Our part in the rounds of our network. In each, every member signs the report, shows its signature to the others and
/// publishes the report as soon as it holds the signatures of a quorum: all publish, so that none can hold it back.
/// </summary>
internal sealed class Rounds(Member member, Consensus consensus, Producer producer)
    : BackgroundService, IMessageProcessor
{
    /// <summary>How far from ours the round of another member may be: so many of its signatures are kept.</summary>
    private const long MaxDistance = 16;

    /// <summary>How long we wait for the signatures of a round; the other members may have them.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Channel<SignedReport> _arrived = Channel.CreateBounded<SignedReport>(64);
    private readonly Dictionary<(long Sequence, byte Signer), SignedReport> _kept = [];
    private long _current;

    /// <summary>Whether we have a use for the signatures of a round.</summary>
    public bool IsNear(long sequence) => Math.Abs(sequence - Volatile.Read(ref _current)) <= MaxDistance;

    /// <summary>Takes what <see cref="SignatureVerifier"/> has accepted, and our own signature.</summary>
    public ValueTask ProcessAsync(AgentMessage message, CancellationToken cancellationToken) =>
        _arrived.Writer.WriteAsync(SignedReport.Decode(message.Data), cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // 1. The members agree on what their network reports.
        await foreach ((long sequence, byte[] payload) in consensus.RoundsAsync(stoppingToken))
        {
            Volatile.Write(ref _current, sequence);
            var report = new Report(member.Epoch.Signers.Scheme, member.Epoch.Digest, sequence, payload);

            // 2. Each signs it, and shows its signature to the others.
            ReportSignature own = member.Key.Sign(member.Network.Id, report, member.Index);
            byte[] single = new SignedReport(report, [own]).Encode();
            await producer.PublishAsync(member.SignatureOverlay, single, stoppingToken);

            // 3. The signatures of a quorum make it the network's report.
            if (await CollectAsync(report, stoppingToken) is { } signed)
            {
                // 4. Each publishes it for whoever listens.
                await producer.PublishAsync(member.ReportOverlay, signed.Encode(), stoppingToken);
            }
        }
    }

    /// <summary>The report with the signatures of a quorum; null when they do not come in time.</summary>
    private async Task<SignedReport?> CollectAsync(Report report, CancellationToken cancellationToken)
    {
        foreach ((long Sequence, byte) old in _kept.Keys.Where(key => key.Sequence < report.Sequence))
        {
            _kept.Remove(old);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            while (true)
            {
                IEnumerable<ReportSignature> signatures = _kept.Values
                    .Where(kept => kept.Report.Sequence == report.Sequence
                        && kept.Report.Payload.Span.SequenceEqual(report.Payload.Span))
                    .Select(kept => kept.Signatures[0]);
                if (member.Epoch.Signers.TryAssemble(report, signatures) is { } signed)
                {
                    return signed;
                }

                SignedReport arrived = await _arrived.Reader.ReadAsync(patience.Token);
                if (arrived.Report.Sequence >= report.Sequence)
                {
                    _kept.TryAdd((arrived.Report.Sequence, arrived.Signatures[0].Signer), arrived);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Console.WriteLine($"no quorum for #{report.Sequence} in time");
            return null;
        }
    }
}
