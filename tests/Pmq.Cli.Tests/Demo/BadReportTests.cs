using Pmq.Cli.Demo;
using Pmq.Core.Runtime;
using Pmq.Verifiers.Reports;

namespace Pmq.Cli.Tests.Demo;

/// <summary>Each bad report is bad in the way that its kind says, and in no other.</summary>
public sealed class BadReportTests : IDisposable
{
    private readonly DemoPlan _plan = DemoPlan.Create(new DemoOptions { Rounds = 30, Seed = 5 });
    private readonly DemoNetworks _networks;

    public BadReportTests() => _networks = new DemoNetworks(_plan, new SeededChance(5));

    [Fact]
    public void A_rounds_report_has_exactly_a_quorum_of_good_signatures()
    {
        SignerSet signers = SignersOf(1);

        for (int round = 0; round < 30; round++)
        {
            SignedReport report = Decode(_networks.Round(1, round));
            Assert.Equal(ReportViolation.None, signers.Verify(report));
            Assert.Equal(2, report.Signatures.Count);
            Assert.Equal(_plan.Networks[1].SequenceOf(round), report.Report.Sequence);
            Assert.True(report.Report.Payload.Span.SequenceEqual(_plan.Networks[1].Payloads[round].Span));
        }
    }

    [Fact]
    public void A_forged_report_has_one_wrong_signature() =>
        Assert.All(Bad(BadKind.ForgedSignature), report =>
        {
            Assert.Equal(2, report.Signatures.Count);
            Assert.Equal(
                [ReportViolation.None, ReportViolation.BadSignature],
                report.Signatures.Select(signature => SignersOf(0).Verify(report.Report, signature)));
        });

    [Fact]
    public void A_sub_quorum_report_has_f_good_signatures() =>
        Assert.All(Bad(BadKind.SubQuorum), report =>
        {
            Assert.Equal(ReportViolation.None, SignersOf(0).Verify(report.Report, Assert.Single(report.Signatures)));
            Assert.NotEqual(ReportViolation.None, SignersOf(0).Verify(report));
        });

    [Theory]
    [InlineData(nameof(BadKind.StaleSequence))]
    [InlineData(nameof(BadKind.FarFutureSequence))]
    public void A_report_out_of_sequence_is_signed_by_a_quorum(string kind) =>
        Assert.All(
            Bad(Enum.Parse<BadKind>(kind)),
            report => Assert.Equal(ReportViolation.None, SignersOf(0).Verify(report)));

    [Fact]
    public void A_report_of_an_unknown_network_has_a_digest_of_its_own() =>
        Assert.All(
            Bad(BadKind.UnknownNetwork),
            report => Assert.Null(_networks.Find(report.Report.Digest, _plan.Networks[0].Overlay)));

    [Fact]
    public void A_network_is_found_on_its_own_overlay_alone()
    {
        ConfigDigest digest = SignedReport.Decode(_networks.Round(0, 0)).Report.Digest;

        Assert.Equal(0, _networks.Find(digest, _plan.Networks[0].Overlay));
        Assert.Null(_networks.Find(digest, _plan.Networks[1].Overlay));
    }

    [Fact]
    public void No_two_reports_are_the_same_bytes()
    {
        List<string> all = [];
        foreach (NetworkPlan network in _plan.Networks)
        {
            for (int round = 0; round < 30; round++)
            {
                all.Add(Convert.ToHexString(_networks.Round(network.Index, round)));
                all.AddRange(network.BadReports[round].Select(
                    bad => Convert.ToHexString(_networks.Bad(network.Index, bad))));
            }
        }

        Assert.Equal(all.Count, all.Distinct().Count());
    }

    public void Dispose() => _networks.Dispose();

    private SignerSet SignersOf(int network) =>
        _networks.WantedBy(network == 0 ? 1 : 0)
            .Single(other => other.Id == _plan.Networks[network].Id).Epochs[0].Signers;

    private List<SignedReport> Bad(BadKind kind)
    {
        List<SignedReport> reports =
        [
            .. _plan.Networks[0].BadReports.SelectMany(reports => reports)
                .Where(bad => bad.Kind == kind)
                .Select(bad => Decode(_networks.Bad(0, bad))),
        ];
        Assert.Equal(3, reports.Count);
        return reports;
    }

    private static SignedReport Decode(byte[] encoded)
    {
        Assert.Equal(ReportViolation.None, SignedReport.TryDecode(encoded, out SignedReport? report));
        return report!;
    }
}
