namespace Pmq.Libp2p.Noise;

/// <summary>How a handshake ended.</summary>
/// <param name="Channel">The secured channel, which the caller now owns; null when the peer broke the
/// handshake.</param>
/// <param name="Violation">What the peer did wrong; <see cref="NoiseViolation.None"/> with a channel.</param>
internal readonly record struct NoiseUpgradeResult(NoiseChannel? Channel, NoiseViolation Violation);
