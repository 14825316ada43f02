namespace Pmq.Agent.Services;

/// <summary>
/// The <c>pmq-topics</c> header: topics separated by commas. A topic that a header cannot carry as it is (a comma, a
/// percent sign, anything but printable ASCII) is percent-encoded UTF-8.
/// </summary>
internal static class TopicMetadata
{
    /// <summary>The topics of every such header, each once; none means all.</summary>
    public static IReadOnlyList<string> Read(IEnumerable<string> headers) =>
    [
        .. headers
            .SelectMany(
                header => header.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(Uri.UnescapeDataString)
            .Distinct(StringComparer.Ordinal),
    ];
}
