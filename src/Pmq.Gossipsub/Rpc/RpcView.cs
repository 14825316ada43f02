using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.Rpc;

/// <summary>
/// One scanned RPC as a view of the memory it was read into, for <see cref="GossipsubRouter.HandleRpc"/>. The router
/// copies what it keeps, so the memory may be used again when that call returns. Reused; one owner at a time.
/// </summary>
public sealed class RpcView
{
    private const int KeptEntries = 256;

    private MessageEntry[] _messages = [];

    /// <summary>The RPC; empty when nothing was scanned.</summary>
    public ReadOnlyMemory<byte> Frame { get; private set; }

    /// <summary>How many messages with topic and data it carries.</summary>
    public int MessageCount { get; private set; }

    /// <summary>How many messages without topic or data it carries.</summary>
    public int EmptyMessageCount { get; internal set; }

    /// <summary>How many subscriptions and unsubscriptions it carries.</summary>
    public int SubscriptionCount { get; internal set; }

    /// <summary>How many control entries it carries.</summary>
    public int ControlCount { get; internal set; }

    /// <summary>Whether it carries messages: what belongs to the payload lane rather than the control lane.</summary>
    public bool HasPayload => MessageCount + EmptyMessageCount > 0;

    internal ReadOnlySpan<MessageEntry> Messages => _messages.AsSpan(0, MessageCount);

    /// <summary>Forgets the RPC.</summary>
    public void Clear()
    {
        if (_messages.Length > KeptEntries)
        {
            _messages = []; // One large RPC does not cost memory for as long as the peer stays.
        }

        Frame = default;
        MessageCount = 0;
        EmptyMessageCount = 0;
        SubscriptionCount = 0;
        ControlCount = 0;
    }

    internal void Begin(ReadOnlyMemory<byte> frame, int messages)
    {
        Frame = frame;
        if (_messages.Length < messages)
        {
            _messages = new MessageEntry[messages > 4 ? (messages + 15) & ~15 : messages];
        }
    }

    internal void Add(int offset, int length, in MessageId id) =>
        _messages[MessageCount++] = new MessageEntry(offset, length, id);
}
