namespace Pmq.Client;

/// <summary>What became of a publication.</summary>
/// <param name="MessageId">The message id; 40 lower-case hexadecimal digits by default.</param>
/// <param name="Sent">Peers to whose stream it was handed at once.</param>
/// <param name="Queued">Peers in whose outbound queue at the agent it waits.</param>
/// <param name="Dropped">Peers who do not get it since their queue is full.</param>
/// <param name="IsDuplicate">
/// It had been published or seen before and was not sent again; so also when a <see cref="Producer"/> repeats what it
/// sent over a stream that broke before the receipt came.
/// </param>
public sealed record Publication(string MessageId, int Sent, int Queued, int Dropped, bool IsDuplicate);
