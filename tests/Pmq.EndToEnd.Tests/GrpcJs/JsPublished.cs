namespace Pmq.EndToEnd.Tests.GrpcJs;

/// <summary>What a js node is told of its publication, the trailers included.</summary>
/// <param name="MessageId">The message id.</param>
/// <param name="Sent">Peers that get it: at once or from their queue, which of the two is a matter of timing.</param>
/// <param name="Dropped">Peers that do not get it.</param>
/// <param name="IsDuplicate">It was published before.</param>
internal sealed record JsPublished(string MessageId, int Sent, int Dropped, bool IsDuplicate);
