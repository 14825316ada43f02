namespace Pmq.Engine.Validation;

/// <summary>How a topic's messages are examined.</summary>
/// <param name="Timeout">How long a message waits for its verdict.</param>
/// <param name="MaxInFlight">Messages that verifiers hold at once, all together.</param>
internal readonly record struct VerificationRules(TimeSpan Timeout, int MaxInFlight = int.MaxValue);
