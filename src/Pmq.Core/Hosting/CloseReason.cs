namespace Pmq.Core.Hosting;

/// <summary>Why a connection ended: data for metrics, logs and policy, never a sentence to parse.</summary>
/// <param name="Kind">The class of the cause.</param>
/// <param name="Detail">The exact violation or fault in a few words, as <c>yamux: window exceeded</c>; may be empty.</param>
public sealed record CloseReason(CloseKind Kind, string Detail = "")
{
    /// <inheritdoc />
    public override string ToString() => Detail.Length == 0 ? Kind.ToString() : $"{Kind} ({Detail})";
}
