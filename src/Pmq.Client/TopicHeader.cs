namespace Pmq.Client;

/// <summary>
/// The <c>pmq-topics</c> header: topics separated by commas, percent-encoded where a header cannot carry them.
/// </summary>
internal static class TopicHeader
{
    /// <summary>Writes the header's value.</summary>
    public static string Write(IEnumerable<string> topics) => string.Join(',', topics.Select(Escape));

    private static string Escape(string topic) =>
        topic.All(c => c is > ' ' and <= '~' and not (',' or '%')) ? topic : Uri.EscapeDataString(topic);
}
