using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.State;

/// <summary>A message in the tables of the router: the same data on two topics is two messages.</summary>
/// <param name="Topic">The topic's tag, see <see cref="TopicState.Tag"/>.</param>
/// <param name="Id">The id.</param>
internal readonly record struct MessageKey(ulong Topic, MessageId Id);
