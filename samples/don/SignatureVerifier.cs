using Pmq.Client;
using Pmq.Verifiers.Reports;

/// <summary>
/// The rules of the overlay on which the members of our network show each other their signatures: a message is a report
/// with the signature of a single member.
/// </summary>
internal sealed class SignatureVerifier(Member member, Rounds rounds) : IMessageVerifier
{
    public ValueTask<AgentVerdict> VerifyAsync(AgentMessage message, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Judge(message.Data));

    private AgentVerdict Judge(ReadOnlyMemory<byte> data)
    {
        // No member sends such a thing, and none passes it on: whoever did is to blame.
        if (SignedReport.TryDecode(data, out SignedReport? signed) != ReportViolation.None
            || signed is not { Signatures: [ReportSignature signature] })
        {
            return AgentVerdict.Reject;
        }

        // Of a configuration that we do not have yet, perhaps, or of a round long past: not for us, but nobody's fault.
        if (signed.Report.Digest != member.Epoch.Digest || !rounds.IsNear(signed.Report.Sequence))
        {
            return AgentVerdict.Ignore;
        }

        return member.Epoch.Signers.Verify(signed.Report, signature) switch
        {
            ReportViolation.None => AgentVerdict.Accept,
            ReportViolation.NotCanonicalSignature => AgentVerdict.Ignore,
            _ => AgentVerdict.Reject,
        };
    }
}
