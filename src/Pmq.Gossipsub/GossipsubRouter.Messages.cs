using System.Buffers.Binary;
using System.Security.Cryptography;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Gossipsub;

// A message of a peer: unknown → waits for its signature check → waits for its verdict → seen with the verdict.
// A bad signature, a timeout, a full queue and a lost verifier make the id unknown again.
public sealed partial class GossipsubRouter
{
    /// <summary>The result of VerifySignature. Ignored if the message does not wait for it any more.</summary>
    public void OnSignature(GossipMessage message, SignatureVerdict verdict, TimeSpan now, EffectList effects)
    {
        if (message.State != MessageState.Checking)
        {
            return;
        }

        if (verdict == SignatureVerdict.Valid)
        {
            OnSignatureValid(message, now, effects);
            return;
        }

        EndWait(message);
        if (verdict == SignatureVerdict.NotCanonical || message.HadUnknown)
        {
            // Go signs fields that nobody knows, too, and passes them on: who sent it may have found it good.

            Drop(message, MessageDrop.SignatureNotCanonical);
            foreach (GossipPeer? sender in message.Senders)
            {
                // It may hold it for good, and so has kept its promise; others may hold one that we take.
                KeepPromise(sender!, message.Key, now);
                Doubt(sender!, message.TopicState!, effects);
            }

            return;
        }

        Drop(message, MessageDrop.InvalidSignature);
        PenaliseSenders(message, Misbehaviour.InvalidSignature, effects);
    }

    /// <summary>
    /// A few signatures that only our rule refuses may come from honest peers whose library takes them. More are blamed
    /// on who sends them: each costs us a verification.
    /// </summary>
    private void Doubt(GossipPeer sender, TopicState topic, EffectList effects)
    {
        if (++sender.DoubtfulSignatures > _options.MaxDoubtfulSignatures)
        {
            Penalise(sender, Misbehaviour.InvalidSignature, 1, effects, topic);
        }
    }

    /// <summary>
    /// The node's verdict on a message. False if it does not wait for one any more: then nothing is done.
    /// </summary>
    public bool OnVerdict(GossipMessage message, Verdict verdict, TimeSpan now, EffectList effects)
    {
        if (message.State != MessageState.Judging)
        {
            return false;
        }

        EndWait(message);
        MessageKey key = message.Key;
        bool delivered = _seen.MayHoldUnsent
            && _seen.TryGet(key, out SeenKind kind) && kind == SeenKind.DeliveredUnsent;
        switch (verdict)
        {
            case Verdict.Accept when HasTwin(message):
                // The same data of another author was accepted while this one was judged.
                Drop(message, MessageDrop.DuplicateSeen);
                CreditSenders(message, now);
                break;
            case Verdict.Accept:
                Counters.MessagesAccepted++;
                _protection?.OnDelivered(message.ReceivedFrom!, message.TopicState!);
                _seen.Set(key, SeenKind.Accepted, now);
                if (message.SignaturePolicy == SignaturePolicy.StrictSign)
                {
                    EndWant(key); // Somebody may have advertised it while it waited.
                }

                _scores?.OnAccepted(key, message.Senders, message.TopicState!, now);
                _history.Put(message);
                message.HasGoneOut = true;
                Forward(message, message.TopicState!, effects);
                if (!delivered && !message.TopicState!.IsRelay)
                {
                    Deliver(message, effects);
                }

                break;
            case Verdict.Reject:
                Drop(message, MessageDrop.Rejected);
                Refuse(message, SeenKind.Rejected, now);
                PenaliseSenders(message, Misbehaviour.RejectedMessage, effects);
                break;
            default:
                Drop(message, MessageDrop.Ignored);
                Refuse(message, SeenKind.Ignored, now);
                break;
        }

        return true;
    }

    private bool HasTwin(GossipMessage message) => message.SignaturePolicy == SignaturePolicy.StrictSign
        && _seen.TryGet(message.Key, out SeenKind kind) && kind == SeenKind.Accepted;

    /// <summary>
    /// What was refused stays refused. Under strict signing with this author alone: else anybody could sign the data
    /// of an honest author with a name that is refused, and keep it out, and make offenders of those that pass it on.
    /// </summary>
    private void Refuse(GossipMessage message, SeenKind kind, TimeSpan now)
    {
        _seen.Set(RefusalKeyOf(message.Key, message.From.Span), kind, now);
        if (message.WasTold && message.SignaturePolicy == SignaturePolicy.StrictSign)
        {
            _lostAfterTelling.Add(0, message.Id); // The mesh may keep the author's own from us, since we said so.
        }
    }

    private static MessageKey RefusalKeyOf(in MessageKey key, ReadOnlySpan<byte> author)
    {
        if (author.IsEmpty)
        {
            return key;
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(author, digest);
        return key with { Topic = key.Topic + BinaryPrimitives.ReadUInt64LittleEndian(digest) };
    }

    /// <summary>Whether the message of an author has its verdict.</summary>
    private bool IsJudged(in MessageKey key, ReadOnlySpan<byte> author, out SeenKind kind) =>
        (_seen.TryGet(key, out kind) && kind != SeenKind.DeliveredUnsent)
        || (!author.IsEmpty && _seen.TryGet(RefusalKeyOf(key, author), out kind));

    /// <summary>
    /// A message gets no signature check or no verdict: its id is unknown again, and nobody is blamed. False if it did
    /// not wait any more.
    /// </summary>
    public bool OnLost(GossipMessage message, ValidationLoss loss, TimeSpan now)
    {
        if (message.State == MessageState.None)
        {
            return false;
        }

        bool wasJudged = message.State == MessageState.Judging;
        EndWait(message);
        message.IsTaken = false;
        if (loss == ValidationLoss.QueueFull)
        {
            CountThrottled(message.TopicState!, now);
        }

        MessageDrop reason = loss switch
        {
            ValidationLoss.QueueFull => MessageDrop.QueueFull,
            ValidationLoss.VerifierLost => MessageDrop.VerifierLost,
            _ => MessageDrop.Timeout,
        };
        Drop(message, reason);
        Recover(message, isJudgedAgain: wasJudged && loss == ValidationLoss.Timeout, now);
        if (_lost.Count == 0 || _lost[^1] != message)
        {
            CreditLost(message);
        }

        return true;
    }

    private void HandleMessages(GossipPeer peer, RpcView rpc, TimeSpan now, EffectList effects)
    {
        ReadOnlySpan<byte> frame = rpc.Frame.Span;
        foreach (ref readonly MessageEntry entry in rpc.Messages)
        {
            Counters.MessagesReceived++;
            MessageFields.TryRead(frame.Slice(entry.Offset, entry.Length), out MessageFields fields);
            HandleMessage(peer, entry.Id, fields, now, effects);
        }

        if (rpc.EmptyMessageCount > 0)
        {
            Counters.MessagesReceived += rpc.EmptyMessageCount;
            Counters.Count(MessageDrop.EmptyData, rpc.EmptyMessageCount);
            Trace?.Trace(TraceEvent.Reject(peer.Id, null, default, MessageDrop.EmptyData)); // Others pass them on.
        }
    }

    private void HandleMessage(
        GossipPeer peer, in MessageId id, in MessageFields fields, TimeSpan now, EffectList effects)
    {
        if (_topics.Find(fields.Topic) is not { IsJoined: true } topic)
        {
            Drop(peer, null, id, MessageDrop.TopicNotJoined);
            return;
        }

        if (!KeepsPolicy(topic.Rules.SignaturePolicy, fields))
        {
            Drop(peer, topic, id, MessageDrop.SignaturePolicyBroken);
            Penalise(peer, Misbehaviour.SignaturePolicyBroken, 1, effects, topic);
            return;
        }

        // Go passes on a sequence number of any length.
        if (topic.Rules.SignaturePolicy == SignaturePolicy.StrictSign
            && fields.SequenceNumber.Length != MessageVerifier.SequenceNumberLength)
        {
            Drop(peer, topic, id, MessageDrop.SignatureNotCanonical);
            KeepPromise(peer, new MessageKey(topic.Tag, id), now);
            Doubt(peer, topic, effects);
            return;
        }

        // Nobody is blamed for what our own number refuses: elsewhere it may be another.
        MessageKey key = new(topic.Tag, id);
        int size = MessageEncoding.RpcSizeOf(fields);
        if (size > (topic.Rules.MaxMessageSize ?? int.MaxValue))
        {
            Drop(peer, topic, id, MessageDrop.TooLarge);
            KeepPromise(peer, key, now);
            return;
        }

        if (IsRepeat(peer, topic, key, fields, now, effects))
        {
            return;
        }

        // Deviation: Go blames the peer for this. But after a restart, or once an id is forgotten, honest peers send us
        // what we published before.
        if (fields.From.SequenceEqual(_localPeer.Bytes))
        {
            Drop(peer, topic, id, MessageDrop.SelfOrigin);
            KeepPromise(peer, key, now); // Anybody can write our name: others may hold a true one of this id.
            return;
        }

        if (Has(GoGaps.IDontWantBeforeTheQueue))
        {
            TellBeforeTheQueue(peer, topic, id, fields, effects);
        }

        if (!IsAdmitted(peer, topic, now))
        {
            Drop(peer, topic, id, MessageDrop.QueueProtected);
            KeepPromise(peer, key, now);
            return;
        }

        if (!topic.HasRoom(peer, size, _options))
        {
            Drop(peer, topic, id, MessageDrop.QueueFull);
            CountThrottled(topic, now);
            PeerScores.OnLost(peer, topic);
            KeepPromise(peer, key, now);
            return;
        }

        BeginWait(peer, topic, key, fields, effects);
    }

    // StrictNoSign: none of from, seqno, signature, key. StrictSign: from and signature; key where the peer id does not
    // hold it, which the verification finds out.
    private static bool KeepsPolicy(SignaturePolicy policy, in MessageFields fields) =>
        policy == SignaturePolicy.StrictNoSign
        ? !fields.HasAuthor
        : !fields.From.IsEmpty && !fields.Signature.IsEmpty;

    /// <summary>Whether the message is known; its sender is then noted, counted or penalised.</summary>
    private bool IsRepeat(
        GossipPeer peer, TopicState topic, in MessageKey key, in MessageFields fields, TimeSpan now, EffectList effects)
    {
        if (IsJudged(key, fields.From, out SeenKind kind))
        {
            Drop(peer, topic, key.Id, MessageDrop.DuplicateSeen);
            if (kind == SeenKind.Rejected)
            {
                Penalise(peer, Misbehaviour.RejectedMessage, 1, effects, topic);
            }
            else if (kind == SeenKind.Accepted)
            {
                _scores?.OnDuplicate(peer, key, topic, now);
            }

            return true;
        }

        // While it is judged every copy of the same author is a duplicate. While signatures are checked only a copy
        // with the same envelope is, or a second one of the same peer: another may be the true one.
        for (GossipMessage? message = _waiting.Find(key); message is not null; message = message.NextWaiting)
        {
            if ((message.State == MessageState.Judging && message.From.Span.SequenceEqual(fields.From))
                || message.Senders.Contains(peer) || message.HasSameEnvelope(fields))
            {
                NoteSender(message, peer);
                Drop(peer, topic, key.Id, MessageDrop.DuplicatePending);
                return true;
            }
        }

        return false;
    }

    private void BeginWait(
        GossipPeer peer, TopicState topic, in MessageKey key, in MessageFields fields, EffectList effects)
    {
        // The one copy: out of the stream's buffer into the frame that is delivered, kept and written to every peer.
        // Behind it stands the IDONTWANT for the mesh, where there will be one.
        MessageId told = fields.Data.Length >= _options.IDontWantThreshold ? key.Id : default;
        byte[] frame = MessageEncoding.Encode(fields, told, out MessageEncoding encoding);
        SignaturePolicy policy = topic.Rules.SignaturePolicy;
        GossipMessage message = new(topic.Name, key.Id, policy, peer, frame, encoding)
        {
            TopicState = topic,
            HadUnknown = fields.HasUnknown,
        };
        message.TryAddSender(peer);
        topic.AddPending(peer, message.Frame.Length);
        _waiting.Add(key, message);
        if (policy == SignaturePolicy.StrictSign)
        {
            message.State = MessageState.Checking;
            effects.Add(Effect.VerifySignature(message));
        }
        else
        {
            BeginJudging(message, key, effects);
        }
    }

    private void BeginJudging(GossipMessage message, in MessageKey key, EffectList effects)
    {
        message.State = MessageState.Judging;
        FulfilWant(message, key); // A promise is kept by a message that may be judged, not by a forged one.
        NoteTaken(message);
        effects.Add(Effect.Validate(message));
    }

    private void OnSignatureValid(GossipMessage message, TimeSpan now, EffectList effects)
    {
        MessageKey key = message.Key;
        GossipMessage? judged = _waiting.Find(key);
        while (judged is not null
            && (judged.State != MessageState.Judging || !judged.From.Span.SequenceEqual(message.From.Span)))
        {
            judged = judged.NextWaiting;
        }

        if (judged is not null)
        {
            // Another good envelope of the same data and author is judged already: what it gets this one deserves.
            EndWait(message);
            Drop(message, MessageDrop.DuplicatePending);
            foreach (GossipPeer? sender in message.Senders)
            {
                NoteSender(judged, sender!);
            }
        }
        else if (IsJudged(key, message.From.Span, out SeenKind kind))
        {
            EndWait(message);
            Drop(message, MessageDrop.DuplicateSeen);
            if (kind == SeenKind.Rejected)
            {
                PenaliseSenders(message, Misbehaviour.RejectedMessage, effects);
            }
            else if (kind == SeenKind.Accepted)
            {
                CreditSenders(message, now);
            }
        }
        else
        {
            BeginJudging(message, key, effects);
        }
    }

    private void EndWait(GossipMessage message)
    {
        message.TopicState!.RemovePending(message.ReceivedFrom!, message.Frame.Length);
        message.State = MessageState.None;
        _waiting.Remove(message.Key, message);
    }

    private void NoteSender(GossipMessage message, GossipPeer peer)
    {
        if (!message.TryAddSender(peer))
        {
            Counters.SendersNotNoted++;
        }
    }

    private void PenaliseSenders(GossipMessage message, Misbehaviour misbehaviour, EffectList effects)
    {
        foreach (GossipPeer? sender in message.Senders)
        {
            Penalise(sender!, misbehaviour, 1, effects, message.TopicState);
        }
    }

    /// <summary>Sends an accepted message to mesh, floodsub and direct peers, but not to those that have it.</summary>
    private void Forward(GossipMessage message, TopicState topic, EffectList effects)
    {
        foreach (GossipPeer peer in topic.Mesh.Peers)
        {
            ForwardTo(peer, message, effects);
        }

        foreach (GossipPeer peer in topic.FloodPeers.Peers)
        {
            if (MayPublishTo(peer))
            {
                ForwardTo(peer, message, effects);
            }
        }
    }

    private void ForwardTo(GossipPeer peer, GossipMessage message, EffectList effects)
    {
        if (!message.Senders.Contains(peer) && !message.From.Span.SequenceEqual(peer.Id.Bytes)
            && !IsUnwanted(peer, message.TopicState!, message.Id))
        {
            Counters.MessagesSent++;
            effects.Add(Effect.SendMessage(peer, message, SendClass.Relay));
        }
    }
}
