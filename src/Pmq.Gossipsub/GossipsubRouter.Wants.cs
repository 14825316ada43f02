using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub;

// The ledger of what we want: one request in flight for each id, then the next advertiser; and the second chance of
// what was lost by our own fault.
public sealed partial class GossipsubRouter
{
    // Bytes of messages without a verdict that are kept until the next heartbeat. Arbitrary.
    private const long MaxLostBytes = 16 * 1024 * 1024;

    // Heartbeats that control may be on its way to a peer that reads slowly. Arbitrary.
    private const int LateHeartbeats = 10;

    private readonly Dictionary<MessageKey, Want> _wants;
    private readonly List<GossipMessage> _lost = [];

    // Wants that had no room but that for one id of each IHAVE.
    private int _trials;
    private long _lostBytes;

    // For as long as others keep an IDONTWANT of ours, and some heartbeats more: it may have reached them late.
    private readonly UnwantedIds _lostAfterTelling;
    private int _recoveries;

    /// <summary>Asks the peer for a message, or notes it as the next to ask while another has been asked.</summary>
    private void WantFrom(GossipPeer peer, in MessageKey key, TimeSpan now)
    {
        ref Want want = ref CollectionsMarshal.GetValueRefOrNullRef(_wants, key);
        if (!Unsafe.IsNullRef(ref want))
        {
            if (Has(GoGaps.AskEveryAdvertiser))
            {
                OutboxOf(peer).IWantIds.Add(key.Id);
                return;
            }

            if (want.Asked is { PromiseDebt: > 0 } && peer.PromiseDebt == 0 && MayAsk(peer))
            {
                // Who has lately broken promises does not keep us from asking another at once.
                AskNow(ref want, peer, key, now);
                want.Batch = (Counters.Heartbeats, peer.IHaveRpcs);
                want.IsPromise = IsPromise(key.Id) && !want.IsRecovery;
            }
            else
            {
                want.AddAdvertiser(peer, _policy);
            }
        }
        else if (MayAsk(peer) && (HasRoomForWant(peer) || HasRoomForTrial(peer)))
        {
            bool isTrial = !HasRoomForWant(peer);
            _trials += isTrial ? 1 : 0;
            peer.LastAskedBatch = (Counters.Heartbeats, peer.IHaveRpcs);
            _wants.Add(key, new Want
            {
                Asked = peer,
                Deadline = now + _options.IWantFollowupTime,
                Batch = peer.LastAskedBatch,
                IsPromise = IsPromise(key.Id),
                IsTrial = isTrial,
            });
            Ask(peer, key.Id);
        }
        else
        {
            Counters.IHaveIdsOverLimit++;
        }
    }

    /// <summary>
    /// Notes whom to ask if what waits under the id turns out to be forged: who keeps a forged copy in our queue must
    /// not keep us from hearing who has the true one.
    /// </summary>
    private void WantLater(GossipPeer peer, in MessageKey key, TimeSpan now)
    {
        if (_wants.ContainsKey(key) || HasRoomForWant(peer))
        {
            ref Want want = ref CollectionsMarshal.GetValueRefOrAddDefault(_wants, key, out bool exists);
            want.Deadline = exists ? want.Deadline : now + _options.IWantFollowupTime;
            want.AddAdvertiser(peer, _policy);
        }
    }

    /// <summary>
    /// Whether an IHAVE is a promise to send the message. Not of one that we have told the mesh not to send, and lost
    /// after that: who keeps to what we said must not be charged for it.
    /// </summary>
    private bool IsPromise(in MessageId id) => !_lostAfterTelling.Contains(0, id);

    private bool MayAsk(GossipPeer peer) => peer.IdsAsked < _options.MaxIHaveLength && !peer.IsSuspended;

    /// <summary>
    /// The stream to a peer broke: it may not have heard what was asked of it, so nothing of that is a promise. Nor
    /// does it hold up the next advertiser, or a peer could keep what it squats on by breaking streams.
    /// </summary>
    private void ForgivePromises(GossipPeer peer)
    {
        if (peer.IdsOutstanding == 0)
        {
            return;
        }

        foreach (MessageKey key in _wants.Keys)
        {
            ref Want want = ref CollectionsMarshal.GetValueRefOrNullRef(_wants, key);
            if (want.Asked == peer)
            {
                want.IsPromise = false;
                want.Deadline = want.HasNext ? TimeSpan.MinValue : want.Deadline;
            }
        }
    }

    /// <summary>
    /// Three eighths of the room are for whoever comes, half of it is, in equal parts, for those who have less than
    /// their part: so a peer that advertises what does not exist cannot keep us from asking the others.
    /// </summary>
    private bool HasRoomForWant(GossipPeer peer) =>
        _wants.Count < _options.MaxWantedIds
        && (_wants.Count - _trials < 3L * _options.MaxWantedIds / 8
            || peer.IdsOutstanding
                < Math.Max(1, _options.MaxWantedIds / Math.Max(1, 2 * (_peers.Count - 1))));

    /// <summary>
    /// An eighth of the room is for one id of each IHAVE that would have none asked: who has used up its part by
    /// promises that it does not keep is found out at each IHAVE, however many ids it floods.
    /// </summary>
    private bool HasRoomForTrial(GossipPeer peer) =>
        _wants.Count < _options.MaxWantedIds && _trials < _options.MaxWantedIds / 8
        && peer.LastAskedBatch != (Counters.Heartbeats, peer.IHaveRpcs);

    private void Ask(GossipPeer peer, in MessageId id)
    {
        peer.IdsAsked++;
        peer.IdsOutstanding++;
        Counters.IdsAsked++;
        OutboxOf(peer).IWantIds.Add(id);
    }

    /// <summary>An id is not waited for any more.</summary>
    private void EndWant(in MessageKey key)
    {
        if (!_wants.Remove(key, out Want want))
        {
            return;
        }

        _trials -= want.IsTrial ? 1 : 0;
        if (want.Asked is { } asked)
        {
            asked.IdsOutstanding--;
        }
    }

    /// <summary>
    /// What a peer was asked for has come, and went no further for our own reasons: its promise is kept, and the next
    /// advertiser is asked at the heartbeat, if there is one.
    /// </summary>
    private void KeepPromise(GossipPeer peer, in MessageKey key, TimeSpan now)
    {
        ref Want want = ref CollectionsMarshal.GetValueRefOrNullRef(_wants, key);
        if (Unsafe.IsNullRef(ref want) || want.Asked != peer)
        {
            return;
        }

        if (want.HasNext)
        {
            want.Asked = null;
            want.Deadline = now;
            peer.IdsOutstanding--;
        }
        else
        {
            EndWant(key);
        }
    }

    /// <summary>
    /// The message may be judged: the promise of whoever was asked is kept. If another sent it, the request is
    /// withdrawn.
    /// </summary>
    private void FulfilWant(GossipMessage message, in MessageKey key)
    {
        if (_wants.Remove(key, out Want want))
        {
            _trials -= want.IsTrial ? 1 : 0;
            message.IsRecovered = want.IsRecovery;
            if (want.Asked is { } asked)
            {
                asked.IdsOutstanding--;
                if (!message.Senders.Contains(asked))
                {
                    Withdraw(asked, message);
                }
            }
        }
    }

    /// <summary>
    /// A message that our queue had taken is lost by our own fault. The mesh may have been told not to send it any
    /// more, so it gets a second chance, once, at the next heartbeat, when there may be room: one without a verdict is
    /// judged again, since those who sent it may have forgotten it by then; another is asked again of them.
    /// </summary>
    private void Recover(GossipMessage message, bool isJudgedAgain, TimeSpan now)
    {
        MessageKey key = message.Key;
        if (message.WasTold)
        {
            _lostAfterTelling.Add(0, message.Id);
        }

        bool isSecond = message.IsRecovered || (_wants.TryGetValue(key, out Want old) && old.IsRecovery);
        EndWant(key); // The promise was kept: the fault is ours.
        GossipPeer first = message.ReceivedFrom!;
        if (isSecond || !HasRoomForRecovery(first) || !IsUnknown(key)
            || !(isJudgedAgain ? TryKeep(message) : TryWantAgain(message, key, now)))
        {
            Counters.RecoveriesNotMade++;
            return;
        }

        _recoveries++;
        first.Recoveries++;
        Counters.Recoveries++;
    }

    /// <summary>As <see cref="HasRoomForWant"/>: who floods a queue does not use up what is for others.</summary>
    private bool HasRoomForRecovery(GossipPeer peer) =>
        _recoveries < _options.MaxRecoveries
        && (_recoveries < _options.MaxRecoveries / 2
            || peer.Recoveries < Math.Max(1, _options.MaxRecoveries / Math.Max(1, 2 * (_peers.Count - 1))));

    private bool IsUnknown(in MessageKey key) =>
        (!_seen.TryGet(key, out SeenKind kind) || kind == SeenKind.DeliveredUnsent) && _waiting.Find(key) is null;

    private bool TryKeep(GossipMessage message)
    {
        if (_lostBytes + message.Frame.Length > MaxLostBytes)
        {
            return false;
        }

        _lostBytes += message.Frame.Length;
        _lost.Add(message);
        return true;
    }

    private bool TryWantAgain(GossipMessage message, in MessageKey key, TimeSpan now)
    {
        Want want = new() { Deadline = now, IsRecovery = true };
        foreach (GossipPeer? sender in message.Senders)
        {
            if (!sender!.IsRemoved && sender.SpeaksMeshsub && MayGossip(sender))
            {
                want.AddAdvertiser(sender, _policy);
            }
        }

        return want.HasNext && _wants.Count < _options.MaxWantedIds && _wants.TryAdd(key, want);
    }

    /// <summary>
    /// What got no verdict in time is judged again, unless the queue is half full: then there is enough to judge that
    /// has not had its chance yet.
    /// </summary>
    private void JudgeAgain(EffectList effects)
    {
        foreach (GossipMessage message in _lost)
        {
            TopicState topic = message.TopicState!;
            MessageKey key = message.Key;
            int size = message.Frame.Length;
            if (!topic.IsJoined || !IsUnknown(key) || !topic.IsHalfEmpty(_options)
                || !topic.HasRoom(message.ReceivedFrom!, size, _options))
            {
                Counters.RecoveriesNotMade++;
                CreditLost(message);
                continue;
            }

            topic.AddPending(message.ReceivedFrom!, size);
            _waiting.Add(key, message);
            message.State = MessageState.Judging;
            message.IsRecovered = true;
            effects.Add(Effect.Validate(message));
        }

        _lost.Clear();
        _lostBytes = 0;
    }

    /// <summary>Asks the next advertiser that may be asked; forgets the want if there is none.</summary>
    private void AskNext(in MessageKey key, TimeSpan now)
    {
        ref Want want = ref CollectionsMarshal.GetValueRefOrNullRef(_wants, key);
        while (want.TakeNext(_policy) is { } next)
        {
            if (MayAsk(next) && MayGossip(next))
            {
                AskNow(ref want, next, key, now);

                // At most a heartbeat each: others keep a message five heartbeats, and who squats on it in number must
                // not outlast them.
                want.Deadline = now + (_options.IWantFollowupTime / 4);
                return;
            }
        }

        EndWant(key);
    }

    /// <summary>Asks another than before.</summary>
    private void AskNow(ref Want want, GossipPeer peer, in MessageKey key, TimeSpan now)
    {
        if (want.Asked is { } asked)
        {
            asked.IdsOutstanding--;
        }

        want.Asked = peer;
        want.Deadline = now + _options.IWantFollowupTime;
        want.Batch = (Counters.Heartbeats, 0);
        want.IsPromise = false;
        Ask(peer, key.Id);
    }

    private void FollowUpWants(TimeSpan now, EffectList effects)
    {
        _recoveries = 0;
        foreach ((MessageKey key, Want want) in _wants)
        {
            if (now >= want.Deadline || want.Asked is { IsRemoved: true })
            {
                _expired.Add(key);
                if (want.Asked is not { IsRemoved: false } asked)
                {
                    continue;
                }

                if (want.IsPromise && !_wasLate)
                {
                    NoteBrokenPromise(asked, want.Batch);
                }
                else if (!want.IsRecovery)
                {
                    asked.PromiseDebt++; // Not charged: it may have forgotten the message since it advertised it.
                }
            }
        }

        foreach (GossipPeer peer in _promiseBreakers)
        {
            Penalise(peer, Misbehaviour.BrokenPromise, peer.BrokenPromises, effects);
            peer.PromiseDebt += peer.BrokenPromises;
            peer.BrokenPromises = peer.BrokenIHaves = 0;
        }

        if (_promiseBreakers.Count > 0)
        {
            TakeFromBreakers(now);
        }

        foreach (MessageKey key in _expired)
        {
            AskNext(key, now);
        }

        _expired.Clear();
        _promiseBreakers.Clear();
    }

    private void NoteBrokenPromise(GossipPeer peer, (long Heartbeat, int Rpc) batch)
    {
        if (peer.BrokenPromises++ == 0)
        {
            _promiseBreakers.Add(peer);
        }

        if (peer.BrokenIHaves == 0 || peer.LastBrokenBatch != batch)
        {
            peer.BrokenIHaves++;
            peer.LastBrokenBatch = batch;
        }
    }

    /// <summary>What was asked of a peer that has just broken promises is asked of others, if there are any.</summary>
    private void TakeFromBreakers(TimeSpan now)
    {
        foreach ((MessageKey key, Want want) in _wants)
        {
            if (now < want.Deadline && want.HasReliableNext && want.Asked is { IsRemoved: false, PromiseDebt: > 0 })
            {
                _expired.Add(key);
            }
        }
    }

    private void ForgetWants(TopicState topic)
    {
        foreach (MessageKey key in _wants.Keys)
        {
            if (key.Topic == topic.Tag)
            {
                _expired.Add(key);
            }
        }

        foreach (MessageKey key in _expired)
        {
            EndWant(key);
        }

        _expired.Clear();
    }
}
