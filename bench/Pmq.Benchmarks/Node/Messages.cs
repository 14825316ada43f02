using System.Buffers.Binary;
using Pmq.Benchmarks.AgentPath;
using Pmq.Verifiers.Reports;

namespace Pmq.Benchmarks.Node;

/// <summary>What a node publishes: reports that were signed beforehand, or bytes with a number ahead.</summary>
internal sealed class Messages(string? reports)
{
    private readonly byte[] _reports = reports is null ? [] : File.ReadAllBytes(reports);

    /// <summary>The message of that number; no other memory is written afterwards.</summary>
    /// <exception cref="InvalidOperationException">So many were not signed.</exception>
    public ReadOnlyMemory<byte> this[long number]
    {
        get
        {
            if (reports is not null)
            {
                return (number + 1) * ReportFile.MessageBytes <= _reports.Length
                    ? _reports.AsMemory((int)number * ReportFile.MessageBytes, ReportFile.MessageBytes)
                    : throw new InvalidOperationException($"only {number} reports were signed");
            }

            byte[] data = new byte[ReportFile.MessageBytes];
            BinaryPrimitives.WriteInt64BigEndian(data, number);
            return data;
        }
    }

    /// <summary>The number of a message that came.</summary>
    public static long NumberOf(ReadOnlyMemory<byte> data, bool isReport) => !isReport
        ? BinaryPrimitives.ReadInt64BigEndian(data.Span)
        : SignedReport.TryDecode(data, out SignedReport? report) == ReportViolation.None
            ? report!.Report.Sequence - ReportFile.FirstSequence
            : throw new InvalidDataException("what was delivered is no report");
}
