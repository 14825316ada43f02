using System.Text.Unicode;
using Pmq.Core.Protobuf;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Rpc;

/// <summary>
/// Reads RPCs on the connection's side: checks the whole of one against the limits, then notes where its messages lie
/// and what their ids are, so that the router's loop neither decodes nor hashes. Thread-safe; a view belongs to one
/// thread.
/// </summary>
public sealed class RpcScanner
{
    // A message with one byte each of topic and data; what is shorter lacks one of them and gets no entry.
    private const int ShortestMessage = 6;

    private readonly int _maxSize;
    private readonly RpcLimits _limits;
    private readonly MessageIdOptions _defaultId;
    private readonly Dictionary<byte[], MessageIdOptions>.AlternateLookup<ReadOnlySpan<byte>> _topicIds;
    private readonly bool _hasTopicIds;

    /// <summary>A scanner by the limits and the topics' rules of <paramref name="options"/>.</summary>
    public RpcScanner(GossipsubOptions options)
    {
        _maxSize = options.MaxMessageSize;
        _limits = options.RpcLimits;
        _defaultId = options.DefaultRules.MessageId;
        Dictionary<byte[], MessageIdOptions> topicIds = new(TopicNameComparer.Instance);
        foreach ((string topic, TopicRules rules) in options.Topics)
        {
            topicIds[System.Text.Encoding.UTF8.GetBytes(topic)] = rules.MessageId;
        }

        _hasTopicIds = topicIds.Count > 0;
        _topicIds = topicIds.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>
    /// Scans the RPC <paramref name="frame"/>, without its length prefix. Total: any bytes fill <paramref name="view"/>
    /// or name a violation, which leaves the view empty.
    /// </summary>
    /// <param name="frame">Borrowed by the view until it is scanned into again or cleared.</param>
    /// <param name="view">Reused from RPC to RPC; grows to the most messages that one RPC held.</param>
    public RpcViolation Scan(ReadOnlyMemory<byte> frame, RpcView view)
    {
        view.Clear();
        RpcViolation violation = CountMessages(frame.Span, out int messages);
        if (violation == RpcViolation.None)
        {
            view.Begin(frame, messages);
            violation = ScanFields(frame.Span, view);
        }

        if (violation != RpcViolation.None)
        {
            view.Clear();
        }

        return violation;
    }

    private RpcViolation CountMessages(ReadOnlySpan<byte> frame, out int usable)
    {
        usable = 0;
        if (frame.Length > _maxSize)
        {
            return RpcViolation.TooLarge;
        }

        int count = 0;
        ProtoReader rpc = new(frame);
        while (rpc.Next())
        {
            if (rpc.FieldNumber == 2 && rpc.TryReadBytes(out ReadOnlySpan<byte> body))
            {
                usable += body.Length >= ShortestMessage ? 1 : 0;
                if (++count > _limits.MaxMessages)
                {
                    return RpcViolation.TooManyMessages;
                }
            }
        }

        return rpc.Malformed ? RpcViolation.Malformed : RpcViolation.None;
    }

    private RpcViolation ScanFields(ReadOnlySpan<byte> frame, RpcView view)
    {
        ProtoReader rpc = new(frame);
        int ids = 0;
        RpcViolation violation = RpcViolation.None;

        // RPC: subscriptions=1 {subscribe=1, topicid=2} repeated, publish=2 repeated, control=3.
        while (violation == RpcViolation.None && rpc.Next())
        {
            ReadOnlySpan<byte> body;
            switch (rpc.FieldNumber)
            {
                case 1:
                    violation = rpc.TryReadBytes(out body) ? ScanSubscription(body, view) : RpcViolation.Malformed;
                    break;
                case 2:
                    violation = rpc.TryReadRange(out Range range)
                        ? ScanMessage(frame[range], range.Start.Value, view)
                        : RpcViolation.Malformed;
                    break;
                case 3:
                    violation = rpc.TryReadBytes(out body) ? ScanControl(body, view, ref ids) : RpcViolation.Malformed;
                    break;
                default:
                    rpc.Skip();
                    break;
            }
        }

        return violation == RpcViolation.None && rpc.Malformed ? RpcViolation.Malformed : violation;
    }

    private RpcViolation ScanSubscription(ReadOnlySpan<byte> body, RpcView view)
    {
        if (++view.SubscriptionCount > _limits.MaxSubscriptions)
        {
            return RpcViolation.TooManySubscriptions;
        }

        ProtoReader reader = new(body);

        // SubOpts: subscribe=1 bool, topicid=2.
        while (reader.Next())
        {
            if (reader.FieldNumber == 1)
            {
                reader.TryReadVarint(out _);
            }
            else if (reader.FieldNumber == 2 && reader.TryReadBytes(out ReadOnlySpan<byte> topic)
                && CheckTopic(topic) is not RpcViolation.None and RpcViolation violation)
            {
                return violation;
            }
        }

        return reader.Malformed ? RpcViolation.Malformed : RpcViolation.None;
    }

    private RpcViolation ScanMessage(ReadOnlySpan<byte> body, int offset, RpcView view)
    {
        if (!MessageFields.TryRead(body, out MessageFields fields))
        {
            return RpcViolation.Malformed;
        }

        if (fields.Topic.Length > _limits.MaxTopicLength)
        {
            return RpcViolation.TopicTooLong;
        }

        if (fields.Data.IsEmpty || fields.Topic.IsEmpty)
        {
            view.EmptyMessageCount++;
            return RpcViolation.None;
        }

        if (!_hasTopicIds || !_topicIds.TryGetValue(fields.Topic, out MessageIdOptions id))
        {
            id = _defaultId;
        }

        view.Add(offset, body.Length, id.Compute(fields.Data));
        return RpcViolation.None;
    }

    private RpcViolation ScanControl(ReadOnlySpan<byte> body, RpcView view, ref int ids)
    {
        ProtoReader control = new(body);

        // ControlMessage: ihave=1, iwant=2, graft=3, prune=4, idontwant=5; all repeated.
        while (control.Next())
        {
            ControlKind kind = (ControlKind)control.FieldNumber;
            if (kind is < ControlKind.IHave or > ControlKind.IDontWant)
            {
                control.Skip();
                continue;
            }

            if (++view.ControlCount > _limits.MaxControl)
            {
                return RpcViolation.TooManyControlEntries;
            }

            if (!control.TryReadBytes(out ReadOnlySpan<byte> entry))
            {
                return RpcViolation.Malformed;
            }

            RpcViolation violation = kind == ControlKind.Prune
                ? ScanPrune(entry)
                : ScanTopicAndIds(entry, kind, ref ids);
            if (violation != RpcViolation.None)
            {
                return violation;
            }
        }

        return control.Malformed ? RpcViolation.Malformed : RpcViolation.None;
    }

    private RpcViolation ScanTopicAndIds(ReadOnlySpan<byte> entry, ControlKind kind, ref int ids)
    {
        ProtoReader reader = new(entry);

        // ControlIHave: topicID=1, messageIDs=2. ControlIWant, ControlIDontWant: messageIDs=1. ControlGraft: topicID=1.
        while (reader.Next())
        {
            if (reader.FieldNumber == ControlReader.TopicFieldOf(kind))
            {
                if (reader.TryReadBytes(out ReadOnlySpan<byte> topic)
                    && CheckTopic(topic) is not RpcViolation.None and RpcViolation violation)
                {
                    return violation;
                }
            }
            else if (reader.FieldNumber == ControlReader.IdFieldOf(kind)
                && reader.TryReadBytes(out ReadOnlySpan<byte> id))
            {
                if (++ids > _limits.MaxIds)
                {
                    return RpcViolation.TooManyIds;
                }

                if (id.Length > _limits.MaxIdLength)
                {
                    return RpcViolation.IdTooLong;
                }
            }
        }

        return reader.Malformed ? RpcViolation.Malformed : RpcViolation.None;
    }

    private RpcViolation ScanPrune(ReadOnlySpan<byte> entry)
    {
        ProtoReader reader = new(entry);
        int peers = 0;

        // ControlPrune: topicID=1, peers=2 {peerID=1, signedPeerRecord=2} repeated, backoff=3 in seconds. What is
        // in a peer is looked at when it is used.
        while (reader.Next())
        {
            switch (reader.FieldNumber)
            {
                case 1:
                    if (reader.TryReadBytes(out ReadOnlySpan<byte> topic)
                        && CheckTopic(topic) is not RpcViolation.None and RpcViolation violation)
                    {
                        return violation;
                    }

                    break;
                case 2:
                    reader.TryReadBytes(out _);
                    if (++peers > _limits.MaxPeerInfos)
                    {
                        return RpcViolation.TooManyPeerInfos;
                    }

                    break;
                case 3:
                    reader.TryReadVarint(out _);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return reader.Malformed ? RpcViolation.Malformed : RpcViolation.None;
    }

    private RpcViolation CheckTopic(ReadOnlySpan<byte> topic)
    {
        if (topic.Length > _limits.MaxTopicLength)
        {
            return RpcViolation.TopicTooLong;
        }

        return Utf8.IsValid(topic) ? RpcViolation.None : RpcViolation.TopicNotText;
    }
}
