namespace Pmq.Verifiers.Reports;

/// <summary>What is wrong with a report.</summary>
public enum ReportViolation
{
    /// <summary>Nothing.</summary>
    None,
}
