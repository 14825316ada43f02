using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pmq.Core.Hosting;
using Pmq.Engine;
using Pmq.Protocol.V1;

namespace Pmq.Agent.Services;

/// <summary><c>pmq.v1.PeerService</c>: what is known of the connected peers.</summary>
internal sealed class PeerEndpoint(PmqPeer peer) : PeerService.PeerServiceBase
{
    /// <inheritdoc />
    public override async Task<ListPeersResponse> ListPeers(ListPeersRequest request, ServerCallContext context)
    {
        var response = new ListPeersResponse();
        foreach (PeerSnapshot snapshot in await peer.GetPeersAsync(context.CancellationToken))
        {
            var known = new Peer
            {
                PeerId = snapshot.Peer.ToString(),
                Address = snapshot.Address.ToString(),
                Direction = snapshot.Direction == ConnectionDirection.Outbound ? Direction.Outbound : Direction.Inbound,
                AgentVersion = snapshot.AgentVersion,
                Protocol = snapshot.PubsubProtocol,
                RoundTripTime = snapshot.RoundTripTime is { } time ? Duration.FromTimeSpan(time) : null,
            };
            known.Topics.AddRange(snapshot.Topics);
            known.MeshTopics.AddRange(snapshot.MeshTopics);
            response.Peers.Add(known);
        }

        Peer[] sorted = [.. response.Peers.OrderBy(known => known.PeerId, StringComparer.Ordinal)];
        response.Peers.Clear();
        response.Peers.AddRange(sorted);
        return response;
    }
}
