using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.Effects;

/// <summary>A message that a peer does not want any more.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Id">Its id.</param>
public sealed record CancelTarget(string Topic, MessageId Id);
