using Pmq.Core.Identity;

namespace Pmq.Engine;

/// <summary>An accepted message.</summary>
/// <param name="Topic">The overlay it came on.</param>
/// <param name="MessageId">Its id, as text.</param>
/// <param name="Data">The payload; owned by the receiver, never written to again.</param>
/// <param name="ReceivedFrom">The peer who handed it over first; ourselves for our own publication.</param>
/// <param name="Author">The proven author under strict signing; null otherwise.</param>
public sealed record ReceivedMessage(
    string Topic, string MessageId, ReadOnlyMemory<byte> Data, PeerId ReceivedFrom, PeerId? Author);
