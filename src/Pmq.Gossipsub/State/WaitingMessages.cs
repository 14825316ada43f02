using System.Runtime.InteropServices;
using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.State;

/// <summary>
/// The messages whose id waits for signature check or verdict. Under strict signing several copies of the same data
/// with different envelopes can wait under one id: a forged one must not keep the true one out.
/// </summary>
internal sealed class WaitingMessages(MessageKeyComparer comparer)
{
    private readonly Dictionary<MessageKey, GossipMessage> _first = new(comparer);

    /// <summary>
    /// The first message that waits under <paramref name="key"/>; the others follow by <see
    /// cref="GossipMessage.NextWaiting"/>.
    /// </summary>
    public GossipMessage? Find(in MessageKey key) => _first.GetValueOrDefault(key);

    public void Add(in MessageKey key, GossipMessage message)
    {
        ref GossipMessage? first = ref CollectionsMarshal.GetValueRefOrAddDefault(_first, key, out _);
        message.NextWaiting = first;
        first = message;
    }

    public void Remove(in MessageKey key, GossipMessage message)
    {
        GossipMessage first = _first[key];
        if (first != message)
        {
            while (first.NextWaiting != message)
            {
                first = first.NextWaiting!;
            }

            first.NextWaiting = message.NextWaiting;
        }
        else if (message.NextWaiting is { } next)
        {
            _first[key] = next;
        }
        else
        {
            _first.Remove(key);
        }

        message.NextWaiting = null;
    }

    /// <summary>Appends every message that waits on <paramref name="topic"/>.</summary>
    public void CollectOf(TopicState topic, List<GossipMessage> messages)
    {
        foreach ((MessageKey key, GossipMessage first) in _first)
        {
            if (key.Topic != topic.Tag)
            {
                continue;
            }

            for (GossipMessage? message = first; message is not null; message = message.NextWaiting)
            {
                messages.Add(message);
            }
        }
    }
}
