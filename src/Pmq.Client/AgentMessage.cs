namespace Pmq.Client;

/// <summary>A message from an agent: an accepted one to process, or one to judge.</summary>
/// <param name="Topic">The overlay it came on.</param>
/// <param name="MessageId">Its id, as text.</param>
/// <param name="Data">The payload; never written to again.</param>
public sealed record AgentMessage(string Topic, string MessageId, ReadOnlyMemory<byte> Data);
