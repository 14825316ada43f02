namespace Pmq.Verifiers.Window;

/// <summary>A report that a quorum signed, as a window sees it. One object is one arrival.</summary>
/// <param name="sequence">Its sequence, from 0.</param>
/// <param name="content">What was signed.</param>
/// <param name="encoded">Its encoding; kept, never written to.</param>
internal sealed class WindowReport(long sequence, ContentHash content, ReadOnlyMemory<byte> encoded)
{
    public long Sequence { get; } = sequence;

    public ContentHash Content { get; } = content;

    public ReadOnlyMemory<byte> Encoded { get; } = encoded;
}
