using System.Globalization;
using System.Text;
using Pmq.Verifiers.Reports;

namespace Pmq.Cli.Demo;

/// <summary>Makes what the attacker publishes: all of it is bad in exactly one way, and no two are the same bytes.</summary>
internal sealed class BadReportMaker(SigningNetwork stranger)
{
    /// <summary>The bytes of a bad report on the overlay of <paramref name="victim"/>.</summary>
    public byte[] Make(NetworkPlan plan, SigningNetwork victim, BadReport bad)
    {
        long sequence = plan.SequenceOf(bad);
        return bad.Kind switch
        {
            BadKind.ForgedSignature => Forge(victim, sequence, plan.Payloads[bad.Round]),
            BadKind.SubQuorum =>
                victim.Sign(sequence, plan.Payloads[bad.Round], victim.Signers.Quorum - 1).Encode(),
            BadKind.UnknownNetwork => stranger.Sign(sequence, Payload(plan, bad)),
            _ => victim.Sign(sequence, Payload(plan, bad)),
        };
    }

    private byte[] Forge(SigningNetwork victim, long sequence, ReadOnlyMemory<byte> payload)
    {
        SignedReport signed = victim.Sign(sequence, payload, victim.Signers.Quorum);
        ReportSignature forged = stranger.SignAs(0, victim.Id, signed.Report, signed.Signatures[^1].Signer);
        return new SignedReport(signed.Report, [.. signed.Signatures.SkipLast(1), forged]).Encode();
    }

    private static byte[] Payload(NetworkPlan plan, BadReport bad) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"network\":\"{plan.Id}\",\"round\":{bad.Round},\"bad\":\"{bad.Kind.Name()}\"}}"));
}
