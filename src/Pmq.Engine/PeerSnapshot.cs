using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Scoring;

namespace Pmq.Engine;

/// <summary>What is known of a connected peer.</summary>
/// <param name="Peer">Who it is.</param>
/// <param name="Address">Where it is connected from or to.</param>
/// <param name="Direction">Who dialed.</param>
/// <param name="AgentVersion">What it runs, by identify; empty when not told.</param>
/// <param name="PubsubProtocol">The gossipsub version spoken with it; empty when none.</param>
/// <param name="Topics">The topics it has announced, sorted.</param>
/// <param name="MeshTopics">The topics in whose mesh it is, sorted.</param>
/// <param name="RoundTripTime">The last measured round trip.</param>
public sealed record PeerSnapshot(
    PeerId Peer,
    Multiaddr Address,
    ConnectionDirection Direction,
    string AgentVersion,
    string PubsubProtocol,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> MeshTopics,
    TimeSpan? RoundTripTime)
{
    /// <summary>
    /// How it stands; null while scoring is off, or before the peer has opened a gossipsub stream.
    /// </summary>
    public PeerScoreView? Score { get; init; }
}
