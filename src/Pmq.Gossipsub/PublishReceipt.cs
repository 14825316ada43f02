namespace Pmq.Gossipsub;

/// <summary>What the router did with a publication.</summary>
/// <param name="Recipients">Peers for whom a SendMessage effect was appended.</param>
/// <param name="IsDuplicate">It had been published to somebody or accepted before, and nothing was sent.</param>
public readonly record struct PublishReceipt(int Recipients, bool IsDuplicate);
