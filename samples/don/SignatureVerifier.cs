using Pmq.Client;
using Pmq.Verifiers.Reports;

/// <summary>
/// The rules of the overlay on which the members of one network show each other their signatures: a message is a report
/// with the signature of a single member.
/// </summary>
internal sealed class SignatureVerifier(Member member) : IMessageVerifier
{
    public ValueTask<AgentVerdict> VerifyAsync(AgentMessage message, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Judge(message.Data));

    private AgentVerdict Judge(ReadOnlyMemory<byte> data)
    {
        if (SignedReport.TryDecode(data, out SignedReport? signed) != ReportViolation.None
            || signed is not { Signatures: [ReportSignature signature] })
        {
            return AgentVerdict.Reject;
        }

        // Perhaps a member has the next configuration already: not for us, but nobody is to blame.
        if (signed.Report.Digest != member.Epoch.Digest)
        {
            return AgentVerdict.Ignore;
        }

        return member.Epoch.Signers.Verify(signed.Report, signature) == ReportViolation.None
            ? AgentVerdict.Accept
            : AgentVerdict.Reject;
    }
}
