using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.State;

/// <summary>A message in the history. Its object is reused for another message once this one has left.</summary>
internal sealed class HistoryEntry
{
    private MessageEncoding _encoding;
    private SignaturePolicy _policy;
    private FrameChunk? _chunk;
    private byte[]? _large;
    private int _offset;
    private Effects.CancelTarget? _cancelTarget;

    /// <summary>The id.</summary>
    public MessageId Id { get; private set; }

    /// <summary>The topic.</summary>
    public TopicState Topic { get; private set; } = null!;

    /// <summary>Bytes of the frame.</summary>
    public int Length { get; private set; }

    /// <summary>Whether the history answers for it: not if another has taken its place.</summary>
    public bool IsLive { get; private set; }

    /// <summary>Our publication that has reached nobody yet.</summary>
    public bool IsUnsent { get; set; }

    /// <summary>The next one with the same id, on another topic.</summary>
    public HistoryEntry? Next { get; set; }

    /// <summary>Times that it was sent on request, by peer; null before the first.</summary>
    public Dictionary<Core.Identity.PeerId, int>? Requests { get; set; }

    /// <summary>What an effect that takes it out of a peer's queue names; made once.</summary>
    public Effects.CancelTarget CancelTarget => _cancelTarget ??= new Effects.CancelTarget(Topic.Name, Id);

    public MessageKey Key => new(Topic.Tag, Id);

    /// <summary>The message again, in an array of its own.</summary>
    public GossipMessage ToMessage()
    {
        byte[] frame = _large ?? _chunk!.Bytes.AsSpan(_offset, Length).ToArray();
        return new GossipMessage(Topic.Name, Id, _policy, null, frame, _encoding) { TopicState = Topic };
    }

    public void Fill(GossipMessage message, FrameStore frames)
    {
        Id = message.Id;
        Topic = message.TopicState!;
        Length = message.Frame.Length;
        _encoding = message.Encoding;
        _policy = message.SignaturePolicy;
        _large = frames.Keep(message.FrameArray, Length, out _chunk, out _offset);
        IsLive = true;
    }

    /// <summary>Another message has taken its place: it answers no more, and its bytes go in their turn.</summary>
    public void Retire()
    {
        IsLive = false;
        IsUnsent = false;
        Next = null;
        Requests = null;
        _cancelTarget = null;
    }

    public void Clear(FrameStore frames)
    {
        Retire();
        frames.Forget(_chunk);
        Topic = null!;
        _chunk = null;
        _large = null;
    }
}
