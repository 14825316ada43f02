using Pmq.Core.Runtime;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;

namespace Pmq.Engine.Validation;

/// <summary>
/// Leads each message from admission to a verdict: which verifier judges which topic, what waits, what is handed on
/// when a verifier leaves, and what runs out of time. Pure: one owner, no clock, no I/O.
/// </summary>
/// <remarks>
/// A topic that a stateful verifier serves sticks to one, since the state of a sequence must not split; it moves on
/// only when that one leaves. A topic that only stateless verifiers serve is spread by least in flight. Every admitted
/// message ends in exactly one <see cref="VerifierEffectKind.Done"/>, and is held by at most one verifier at a time.
/// </remarks>
internal sealed class VerifierRouter
{
    private readonly Func<string, VerificationRules> _rulesOf;
    private readonly SortedDictionary<long, AttachedVerifier> _verifiers = [];
    private readonly Dictionary<string, VerifiedTopic> _topics = new(StringComparer.Ordinal);
    private readonly Deadlines _deadlines = new();
    private readonly Func<object, bool> _isMoot;
    private long _sequence;

    /// <summary>A router.</summary>
    /// <param name="verdictTimeout">How long a message waits for its verdict.</param>
    /// <param name="isMoot">Whether nobody waits for the verdict on a driver's message any more.</param>
    public VerifierRouter(TimeSpan verdictTimeout, Func<object, bool> isMoot)
        : this(_ => new VerificationRules(verdictTimeout), isMoot)
    {
    }

    /// <summary>A router.</summary>
    /// <param name="rulesOf">How a topic's messages are examined.</param>
    /// <param name="isMoot">Whether nobody waits for the verdict on a driver's message any more.</param>
    public VerifierRouter(Func<string, VerificationRules> rulesOf, Func<object, bool> isMoot)
    {
        _rulesOf = rulesOf;
        _isMoot = isMoot;
    }

    /// <summary>Messages under examination.</summary>
    public int PendingCount => _deadlines.Count;

    /// <summary>Topics whose verifier is remembered.</summary>
    public int TopicCount => _topics.Count;

    /// <summary>Verifiers that are attached.</summary>
    public int VerifierCount => _verifiers.Count;

    /// <summary>Messages that a verifier holds.</summary>
    public int HeldBy(long id) =>
        _verifiers.TryGetValue(id, out AttachedVerifier? verifier) ? verifier.InFlight.Count : 0;

    /// <summary>When <see cref="Advance"/> has something to do next; null when nothing is pending.</summary>
    public TimeSpan? NextDeadline => _deadlines.First?.Deadline;

    /// <summary>Messages of a topic under examination.</summary>
    public int PendingOf(string topic) =>
        _topics.TryGetValue(topic, out VerifiedTopic? found) ? found.Pending.Count : 0;

    /// <summary>
    /// Admits a message. False when <paramref name="maxCount"/> of its topic are under examination already, or one of
    /// its id whose verdict somebody waits for; nothing was done then. Bytes are bounded where messages come in.
    /// </summary>
    public bool TryOffer(VerificationRequest request, int maxCount, TimeSpan now, List<VerifierEffect> effects)
    {
        VerifiedTopic topic = TopicOf(request.Topic);
        if (topic.Pending.TryGetValue(request.Id, out VerificationRequest? held) && _isMoot(held.Message))
        {
            AttachedVerifier? freed = held.AskedOf;
            End(topic, held, VerificationOutcome.Moot, effects);
            Refill(topic, freed, effects);
        }

        if (topic.Pending.Count >= maxCount || !topic.Pending.TryAdd(request.Id, request))
        {
            return false;
        }

        topic.IsForgotten = false;
        request.Sequence = ++_sequence;
        request.AdmittedAt = now;
        _deadlines.Add(request, topic.Rules.Timeout, now);
        PutInLine(topic, request, effects);
        return true;
    }

    /// <summary>A verifier came.</summary>
    public void Attach(AttachedVerifier verifier, List<VerifierEffect> effects)
    {
        _verifiers.Add(verifier.Id, verifier);
        foreach (VerifiedTopic topic in TopicsInOrder())
        {
            if (topic.StickyTo is null && topic.Waiting.Count > 0 && verifier.Serves(topic.Name))
            {
                Assign(topic);
                MarkReady(topic);
            }
        }

        Fill(verifier, effects);
    }

    /// <summary>
    /// A verifier left: what it held goes to the next one, or back to the head of its topics' queues.
    /// </summary>
    public void Detach(long id, List<VerifierEffect> effects)
    {
        if (!_verifiers.Remove(id, out AttachedVerifier? gone))
        {
            return;
        }

        var orphans = new List<VerifiedTopic>();
        foreach (VerificationRequest request in gone.InFlight.Values.OrderBy(request => request.Sequence))
        {
            request.AskedOf = null;
            request.Stage = VerificationStage.Waiting;
            VerifiedTopic orphaned = _topics[request.Topic];
            orphaned.InFlight--;
            orphaned.Waiting.Add(request);
        }

        gone.InFlight.Clear();
        foreach (VerifiedTopic topic in TopicsInOrder())
        {
            if (topic.StickyTo == gone)
            {
                topic.StickyTo = null;
            }

            if (topic.Waiting.Count > 0)
            {
                if (topic.StickyTo is null)
                {
                    Assign(topic);
                }

                orphans.Add(topic);
            }
        }

        orphans.ForEach(MarkReady);
        foreach (AttachedVerifier verifier in _verifiers.Values.ToArray())
        {
            Fill(verifier, effects);
        }
    }

    /// <summary>
    /// A verifier judged. False when that verifier does not hold the message: it was not asked, or its time was up.
    /// </summary>
    public bool OnVerdict(
        long id, string topicName, in MessageId messageId, Verdict verdict, List<VerifierEffect> effects)
    {
        if (!_topics.TryGetValue(topicName, out VerifiedTopic? topic)
            || !topic.Pending.TryGetValue(messageId, out VerificationRequest? request)
            || request.AskedOf?.Id != id)
        {
            return false;
        }

        AttachedVerifier verifier = request.AskedOf;
        VerificationOutcome outcome = verdict switch
        {
            Verdict.Accept => VerificationOutcome.Accepted,
            Verdict.Reject => VerificationOutcome.Rejected,
            _ => VerificationOutcome.Ignored,
        };
        End(topic, request, outcome, effects);
        Sweep(topic);
        Refill(topic, verifier, effects);
        return true;
    }

    /// <summary>Time passed: what is overdue ends.</summary>
    public void Advance(TimeSpan now, List<VerifierEffect> effects)
    {
        while (_deadlines.First is { } request && request.Deadline <= now)
        {
            AttachedVerifier? verifier = request.AskedOf;
            VerifiedTopic topic = _topics[request.Topic];
            End(topic, request, VerificationOutcome.TimedOut, effects);
            Sweep(topic);
            Refill(topic, verifier, effects);
        }
    }

    /// <summary>
    /// We left the topic: what is moot by that ends, and its stickiness is forgotten once nothing of it is pending.
    /// </summary>
    public void Forget(string topicName, List<VerifierEffect> effects)
    {
        if (!_topics.TryGetValue(topicName, out VerifiedTopic? topic))
        {
            return;
        }

        VerificationRequest[] moot = [.. topic.Pending.Values.Where(request => _isMoot(request.Message))];
        foreach (VerificationRequest request in moot.OrderBy(request => request.Sequence))
        {
            End(topic, request, VerificationOutcome.Moot, effects);
        }

        topic.IsForgotten = true;
        Sweep(topic);
        foreach (AttachedVerifier verifier in _verifiers.Values.ToArray())
        {
            Fill(verifier, effects);
        }
    }

    private VerifiedTopic TopicOf(string name)
    {
        if (!_topics.TryGetValue(name, out VerifiedTopic? topic))
        {
            topic = new VerifiedTopic(name, _rulesOf(name));
            _topics.Add(name, topic);
        }

        return topic;
    }

    private IEnumerable<VerifiedTopic> TopicsInOrder() =>
        _topics.Values.OrderBy(topic => topic.Name, StringComparer.Ordinal);

    private void PutInLine(VerifiedTopic topic, VerificationRequest request, List<VerifierEffect> effects)
    {
        request.Stage = VerificationStage.Waiting;
        topic.Waiting.Add(request);
        if (topic.StickyTo is null)
        {
            Assign(topic);
        }

        if (!topic.HasRoom)
        {
            return; // The next verdict on the topic makes room.
        }

        if (topic.Waiting.Count == 1 && Choose(topic) is { } verifier)
        {
            Ask(topic, topic.Waiting.Take(), verifier, effects);
        }
        else
        {
            MarkReady(topic);
        }
    }

    /// <summary>
    /// Ties the topic to the stateful verifier with the fewest topics, the oldest first, if any serves it.
    /// </summary>
    private void Assign(VerifiedTopic topic)
    {
        AttachedVerifier? best = null;
        foreach (AttachedVerifier verifier in _verifiers.Values)
        {
            if (!verifier.IsStateless && verifier.Serves(topic.Name)
                && (best is null || verifier.TopicCount < best.TopicCount))
            {
                best = verifier;
            }
        }

        if (best is not null)
        {
            best.TopicCount++;
            topic.StickyTo = best;
        }
    }

    /// <summary>
    /// Who can be asked now: the verifier that the topic sticks to, or the least loaded stateless one.
    /// </summary>
    private AttachedVerifier? Choose(VerifiedTopic topic)
    {
        if (topic.StickyTo is { } sticky)
        {
            return sticky.HasRoom ? sticky : null;
        }

        AttachedVerifier? best = null;
        foreach (AttachedVerifier verifier in _verifiers.Values)
        {
            if (verifier.HasRoom && verifier.IsStateless && verifier.Serves(topic.Name)
                && (best is null || verifier.InFlight.Count < best.InFlight.Count))
            {
                best = verifier;
            }
        }

        return best;
    }

    private void MarkReady(VerifiedTopic topic)
    {
        if (topic.StickyTo is { } sticky)
        {
            sticky.MarkReady(topic);
            return;
        }

        foreach (AttachedVerifier verifier in _verifiers.Values)
        {
            if (verifier.IsStateless && verifier.Serves(topic.Name))
            {
                verifier.MarkReady(topic);
            }
        }
    }

    /// <summary>
    /// Hands waiting messages to a verifier while it has room: its topics take turns, and on each topic the origins, so
    /// that a flood of one delays none of the others.
    /// </summary>
    private void Fill(AttachedVerifier verifier, List<VerifierEffect> effects)
    {
        while (verifier.HasRoom && verifier.Ready.Count > 0)
        {
            VerifiedTopic topic = verifier.TakeReady();
            bool isServedHere = topic.StickyTo is null ? verifier.IsStateless : topic.StickyTo == verifier;
            if (topic.Waiting.Count == 0 || !topic.HasRoom || !isServedHere)
            {
                continue;
            }

            // A spread topic goes to whoever has the least in flight, which need not be the one that has room now.
            if (topic.Waiting.TakeTurn() is { } request)
            {
                Ask(topic, request, Choose(topic) ?? verifier, effects);
            }

            if (topic.Waiting.Count > 0 && topic.HasRoom)
            {
                verifier.MarkReady(topic);
            }
        }
    }

    /// <summary>
    /// A message ended: who held it has room, and where the topic was full those who did not hold it may be asked, too.
    /// </summary>
    private void Refill(VerifiedTopic topic, AttachedVerifier? freed, List<VerifierEffect> effects)
    {
        if (freed is not null)
        {
            Fill(freed, effects);
        }

        if (topic.Rules.MaxInFlight == int.MaxValue)
        {
            return;
        }

        foreach (AttachedVerifier verifier in _verifiers.Values)
        {
            if (topic.Waiting.Count == 0 || !topic.HasRoom)
            {
                return;
            }

            Fill(verifier, effects);
        }
    }

    private static void Ask(
        VerifiedTopic topic, VerificationRequest request, AttachedVerifier verifier, List<VerifierEffect> effects)
    {
        topic.InFlight++;
        request.Stage = VerificationStage.Asked;
        request.AskedOf = verifier;
        verifier.InFlight.Add(request.Sequence, request);
        effects.Add(VerifierEffect.Ask(request, verifier.Id));
    }

    private void End(
        VerifiedTopic topic, VerificationRequest request, VerificationOutcome outcome, List<VerifierEffect> effects)
    {
        switch (request.Stage)
        {
            case VerificationStage.Waiting:
                topic.Waiting.Remove(request);
                break;
            case VerificationStage.Asked:
                request.AskedOf!.InFlight.Remove(request.Sequence);
                request.AskedOf = null;
                FreePlace(topic);
                break;
            default:
                throw new InvariantException($"A message ends in stage {request.Stage}.");
        }

        request.Stage = VerificationStage.Done;
        topic.Pending.Remove(request.Id);
        _deadlines.Remove(request);
        effects.Add(VerifierEffect.Done(request, outcome));
    }

    /// <summary>A verifier holds one less of the topic; who asks next may be asked again if it was full.</summary>
    private void FreePlace(VerifiedTopic topic)
    {
        bool wasFull = !topic.HasRoom;
        topic.InFlight--;
        if (wasFull && topic.Waiting.Count > 0)
        {
            MarkReady(topic);
        }
    }

    private void Sweep(VerifiedTopic topic)
    {
        if (topic.IsForgotten && topic.Pending.Count == 0)
        {
            if (topic.StickyTo is { } sticky)
            {
                sticky.TopicCount--;
            }

            _topics.Remove(topic.Name);
        }
    }
}
