using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Engine;
using Pmq.Gossipsub.Scoring;
using Pmq.Protocol.V1;

namespace Pmq.Agent.Services;

/// <summary><c>pmq.v1.PeerService</c>: what is known of the connected peers, and how they stand.</summary>
internal sealed class PeerEndpoint(PmqPeer peer) : PeerService.PeerServiceBase
{
    /// <inheritdoc />
    public override async Task<ListPeersResponse> ListPeers(ListPeersRequest request, ServerCallContext context)
    {
        PeerScoreOptions? scoring = peer.Scoring;
        var known = new List<Peer>();
        foreach (PeerSnapshot snapshot in await peer.GetPeersAsync(context.CancellationToken))
        {
            Peer told = Of(snapshot);
            if (snapshot.Score is { } view && scoring is not null)
            {
                told.Score = ScoreText.Summary(view, scoring.Thresholds);
            }

            known.Add(told);
        }

        if (request.Remembered && scoring is not null)
        {
            IReadOnlyList<PeerScoreView> all = await peer.ExplainScoresAsync(context.CancellationToken);
            HashSet<string> here = [.. known.Select(told => told.PeerId)];
            known.AddRange(all
                .Where(view => !view.IsConnected && !here.Contains(view.Peer.ToString()))
                .Select(view => new Peer
                {
                    PeerId = view.Peer.ToString(),
                    Score = ScoreText.Summary(view, scoring.Thresholds),
                }));
        }

        var response = new ListPeersResponse
        {
            Thresholds = scoring is null ? null : ScoreText.Of(scoring.Thresholds),
        };
        response.Peers.AddRange(known.OrderBy(told => told.PeerId, StringComparer.Ordinal));
        return response;
    }

    /// <inheritdoc />
    public override async Task<ExplainScoreResponse> ExplainScore(
        ExplainScoreRequest request, ServerCallContext context)
    {
        if (!PeerId.TryParse(request.PeerId, out PeerId? id))
        {
            throw Fault(StatusCode.InvalidArgument, $"peer_id {request.PeerId} is no peer id as 12D3Koo…");
        }

        if (peer.Scoring is not { } scoring)
        {
            throw Fault(StatusCode.FailedPrecondition, "peers are not scored here: pubsub.scoring.enabled is false");
        }

        return ScoreText.Explain(
            await peer.ExplainScoreAsync(id, context.CancellationToken)
                ?? throw Fault(StatusCode.NotFound, $"nothing is known of the score of peer {request.PeerId}"),
            scoring);
    }

    private static Peer Of(PeerSnapshot snapshot)
    {
        var told = new Peer
        {
            PeerId = snapshot.Peer.ToString(),
            Address = snapshot.Address.ToString(),
            Direction = snapshot.Direction == ConnectionDirection.Outbound ? Direction.Outbound : Direction.Inbound,
            AgentVersion = snapshot.AgentVersion,
            Protocol = snapshot.PubsubProtocol,
            RoundTripTime = snapshot.RoundTripTime is { } time ? Duration.FromTimeSpan(time) : null,
        };
        told.Topics.AddRange(snapshot.Topics);
        told.MeshTopics.AddRange(snapshot.MeshTopics);
        return told;
    }

    private static RpcException Fault(StatusCode code, string text) => new(new Status(code, text));
}
