using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.Rpc;

/// <summary>
/// Where a message lies in its RPC, and its id. Kept small: an RPC of the smallest messages has many of them.
/// </summary>
internal readonly record struct MessageEntry(int Offset, int Length, MessageId Id);
