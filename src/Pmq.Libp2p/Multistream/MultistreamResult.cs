using Pmq.Core.Hosting;

namespace Pmq.Libp2p.Multistream;

/// <summary>How a negotiation ended.</summary>
/// <param name="State">Selected, not supported or violated; still running when the stream broke under it.</param>
/// <param name="Protocol">What was agreed on; null unless selected.</param>
/// <param name="Violation">What the peer broke, if it did.</param>
/// <param name="Rest">Bytes received after the negotiation, which belong to the protocol that was selected.</param>
/// <param name="Broken">How the stream broke; null if it did not.</param>
internal readonly record struct MultistreamResult(
    NegotiationState State,
    string? Protocol,
    MultistreamViolation Violation,
    ReadOnlyMemory<byte> Rest,
    StreamException? Broken = null);
