using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Engine.Validation;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Scoring;

namespace Pmq.Engine.Gossip;

/// <summary>What the façade asks for.</summary>
internal sealed partial class GossipsubDriver
{
    /// <summary>Publishes a message; on the caller's own thread when the router is free.</summary>
    public ValueTask<PublishOutcome> PublishAsync(GossipMessage message, CancellationToken cancellationToken)
    {
        if (_options.ValidateOwn && _options.ValidationOf(message.Topic) == ValidationMode.Required)
        {
            return new ValueTask<PublishOutcome>(PublishExaminedAsync(message, cancellationToken));
        }

        if (!TryOwn())
        {
            return new ValueTask<PublishOutcome>(PublishByLaneAsync(message, cancellationToken));
        }

        PublishOutcome outcome;
        try
        {
            outcome = PublishOwned(message, Now);
        }
        catch (Exception broken)
        {
            Fail(broken);
            throw;
        }

        Release();
        return new ValueTask<PublishOutcome>(outcome);
    }

    private async Task<PublishOutcome> PublishByLaneAsync(GossipMessage message, CancellationToken cancellationToken)
    {
        await _publishSlots.WaitAsync(cancellationToken);
        try
        {
            var request = new PublishRequest(message);
            PostOrThrow(new DriverCommand(DriverCommandKind.Publish, request));
            Drive();
            return await request.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _publishSlots.Release();
        }
    }

    /// <summary>Publishes what the node's own verifier accepts.</summary>
    private async Task<PublishOutcome> PublishExaminedAsync(GossipMessage message, CancellationToken cancellationToken)
    {
        var request = new PublishRequest(message);
        await CallAsync(
            _ =>
            {
                if (!_ownExaminations.TryAdd(message, request)
                    || !TryOffer(message))
                {
                    _ownExaminations.Remove(message);
                    request.TrySetException(new PublishException(
                        PublishFault.NotAccepted,
                        $"Topic {message.Topic}: the verifier's queue is full or holds message {message.Id} already."));
                }

                return true;
            },
            cancellationToken);
        return await request.Task.WaitAsync(cancellationToken);
    }

    private void EndOwnExamination(GossipMessage message, VerificationOutcome outcome, TimeSpan now)
    {
        if (!_ownExaminations.Remove(message, out PublishRequest? request))
        {
            return;
        }

        // Nobody will leave what was never joined.
        if (!_router.IsJoined(message.Topic) && _verifiers.TopicCount > 2 * _options.Gossipsub.MaxTopics)
        {
            _verifiers.Forget(message.Topic);
        }

        if (outcome == VerificationOutcome.Accepted)
        {
            request.TrySetResult(PublishOwned(message, now));
        }
        else
        {
            request.TrySetException(new PublishException(
                PublishFault.NotAccepted,
                $"Topic {message.Topic}: the node's own verifier said {outcome} to message {message.Id}."));
        }
    }

    private PublishOutcome PublishOwned(GossipMessage message, TimeSpan now)
    {
        CarryOut(now);
        PublishReceipt receipt = _router.Publish(message, now, _effects);
        _tally = new PublishTally { Message = message };
        CarryOut(now);
        PublishTally tally = _tally.Value;
        _tally = null;
        if (receipt.Recipients > 0 && tally.Sent + tally.Queued == 0)
        {
            _router.OnPublishUnsent(message, now);
        }

        return new PublishOutcome(
            message.Id.ToString(), tally.Sent, tally.Queued, tally.Full + tally.Gone, receipt.IsDuplicate)
        {
            QueueFull = tally.Full,
            PeerGone = tally.Gone,
        };
    }

    public Task<IReadOnlyList<PeerScoreView>> ExplainScoresAsync(CancellationToken cancellationToken) =>
        CallAsync(_router.ExplainScores, cancellationToken);

    public Task<PeerScoreView?> ExplainScoreAsync(PeerId peer, CancellationToken cancellationToken) =>
        CallAsync(now => _router.ExplainScore(peer, now), cancellationToken);

    public Task SetScoringAsync(PeerScoreOptions? scoring, CancellationToken cancellationToken) =>
        CallAsync(
            _ =>
            {
                _router.SetScoring(scoring);
                _scoring = scoring;
                return true;
            },
            cancellationToken);

    public Task SetApplicationScoreAsync(PeerId peer, double score, CancellationToken cancellationToken) =>
        CallAsync(
            _ =>
            {
                _router.SetApplicationScore(peer, score);
                return true;
            },
            cancellationToken);

    public Task<JoinOutcome> JoinAsync(string topic, JoinMode mode, CancellationToken cancellationToken) =>
        CallAsync(
            now =>
            {
                JoinOutcome outcome = _router.Join(topic, now, _effects, mode);
                _topics = _router.Topics;
                return outcome;
            },
            cancellationToken);

    public Task<bool> LeaveAsync(string topic, CancellationToken cancellationToken) =>
        CallAsync(
            now =>
            {
                bool wasJoined = _router.Leave(topic, now, _effects);
                _verifiers.Forget(topic);
                _topics = _router.Topics;
                return wasJoined;
            },
            cancellationToken);

    public VerifierAttachment AttachVerifier(VerifierOptions options)
    {
        VerifierAttachment attachment = _verifiers.Attach(options);
        Call(_ => _router.OnVerifierAttached());
        return attachment;
    }

    public MessageListener Listen(ListenOptions options) => _listeners.Add(options, Now);

    public async Task<IReadOnlyList<PeerSnapshot>> GetPeersAsync(CancellationToken cancellationToken)
    {
        Dictionary<PeerId, LinkDescription> known = await CallAsync(DescribeLinks, cancellationToken);
        var peers = new List<PeerSnapshot>();
        foreach (IConnection connection in _host.Connections)
        {
            PeerId peer = connection.RemotePeer;
            if (peers.Exists(other => other.Peer.Equals(peer)))
            {
                continue;
            }

            string agentVersion = _host.Describe(peer)?.AgentVersion ?? "";
            LinkDescription link = known.GetValueOrDefault(peer, new LinkDescription("", [], [], null));
            peers.Add(new PeerSnapshot(
                peer, connection.RemoteAddress, connection.Direction, agentVersion, link.Protocol, link.Topics,
                link.Mesh, connection.RoundTripTime)
            {
                Score = link.Score,
            });
        }

        return peers;
    }

    private Dictionary<PeerId, LinkDescription> DescribeLinks(TimeSpan now)
    {
        var known = new Dictionary<PeerId, LinkDescription>();
        foreach (PeerLink link in LinksInOrder())
        {
            if (link.Core is { } core)
            {
                known.Add(
                    link.Id,
                    new LinkDescription(
                        PubsubProtocols.IdOf(core.Protocol), _router.TopicsOf(core), _router.MeshTopicsOf(core),
                        _router.ExplainScore(link.Id, now)));
            }
        }

        return known;
    }

    /// <summary>Runs a function on the router and returns what it returns.</summary>
    private async Task<T> CallAsync<T>(Func<TimeSpan, T> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var pending = new PendingCall<T>(call);
        PostOrThrow(new DriverCommand(DriverCommandKind.PendingCall, pending));
        Drive();
        return await pending.Task.WaitAsync(cancellationToken);
    }

    private void PostOrThrow(in DriverCommand command)
    {
        if (!Post(command))
        {
            throw EndReason();
        }
    }

    private readonly record struct LinkDescription(
        string Protocol, IReadOnlyList<string> Topics, IReadOnlyList<string> Mesh, PeerScoreView? Score);
}
