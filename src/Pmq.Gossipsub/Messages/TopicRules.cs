namespace Pmq.Gossipsub.Messages;

/// <summary>What every router of a topic must agree on.</summary>
/// <param name="SignaturePolicy">Whether its messages are signed by their authors.</param>
/// <param name="MessageId">How the id follows from the data.</param>
public sealed record TopicRules(SignaturePolicy SignaturePolicy, MessageIdOptions MessageId);
