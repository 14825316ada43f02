namespace Pmq.Gossipsub.State;

/// <summary>A PRUNE to be sent.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="BackoffSeconds">The backoff; 0 leaves it out.</param>
/// <param name="Peers">Other peers of the topic; null or empty tells none.</param>
internal readonly record struct PruneEntry(byte[] Topic, int BackoffSeconds, GossipPeer[]? Peers = null);
