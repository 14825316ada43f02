using System.Text;
using Pmq.Client;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;

/// <summary>Our use of the other networks' reports: here we print them.</summary>
internal sealed class ReportProcessor(IKeyringSource networks) : IMessageProcessor
{
    public ValueTask ProcessAsync(AgentMessage message, CancellationToken cancellationToken)
    {
        // The verifier has accepted it: the first report of its sequence, signed by a quorum of a network that we know.
        Report report = SignedReport.Decode(message.Data).Report;
        if (networks.Current.TryFind(report.Digest, out Network? network, out _))
        {
            Console.WriteLine($"got {network.Id} #{report.Sequence} {Encoding.UTF8.GetString(report.Payload.Span)}");
        }

        return ValueTask.CompletedTask;
    }
}
