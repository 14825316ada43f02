namespace Pmq.Engine;

/// <summary>What became of a publication.</summary>
/// <param name="MessageId">The message id: 40 lower-case hexadecimal digits by default.</param>
/// <param name="Sent">Peers to whose stream it was handed at once.</param>
/// <param name="Queued">Peers in whose bounded outbound queue it waits.</param>
/// <param name="Dropped">Peers who do not get it; why stands in the properties.</param>
/// <param name="IsDuplicate">It had been published or seen before and was not sent again.</param>
public sealed record PublishOutcome(string MessageId, int Sent, int Queued, int Dropped, bool IsDuplicate)
{
    /// <summary>Of <see cref="Dropped"/>: peers whose outbound queue for publications is full.</summary>
    public int QueueFull { get; init; }

    /// <summary>Of <see cref="Dropped"/>: peers that went while it was published.</summary>
    public int PeerGone { get; init; }
}
