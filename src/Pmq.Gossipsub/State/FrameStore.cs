namespace Pmq.Gossipsub.State;

/// <summary>A piece of memory that holds the frames of messages that came one after another.</summary>
internal sealed class FrameChunk
{
    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(FrameStore.ChunkBytes);

    /// <summary>Frames in it that the history still has.</summary>
    public int Count { get; set; }
}

/// <summary>
/// Holds copies of frames in large reused chunks. A message's own array would outlive the collector's youngest
/// generation while it is history, and be moved twice by it; a copy costs less than that, and the array dies young.
/// </summary>
internal sealed class FrameStore
{
    /// <summary>Bytes of a chunk: in the collector's large object heap, where nothing is moved. Arbitrary.</summary>
    public const int ChunkBytes = 512 * 1024;

    /// <summary>A longer frame lies in the large object heap itself and is kept as it is.</summary>
    private const int MaxCopied = 84_000;

    /// <summary>
    /// Heartbeats that a chunk stays free before it is given back: what a steady load needs differs by a chunk from one
    /// to the next. Arbitrary.
    /// </summary>
    private const int HeartbeatsFree = 8;

    private readonly Stack<FrameChunk> _free = new();
    private int _leastFree;
    private int _heartbeats;
    private FrameChunk? _current;
    private int _used;

    /// <summary>
    /// Keeps the frame at the start of an array: a copy at an offset in a chunk, or the array itself, which is
    /// returned.
    /// </summary>
    public byte[]? Keep(byte[] frame, int length, out FrameChunk? chunk, out int offset)
    {
        chunk = null;
        offset = 0;
        if (length > MaxCopied)
        {
            return frame;
        }

        if (_current is null || _used + length > ChunkBytes)
        {
            FrameChunk? full = _current;
            _current = Take();
            _used = 0;
            if (full is { Count: 0 })
            {
                _free.Push(full);
            }
        }

        frame.AsSpan(0, length).CopyTo(_current.Bytes.AsSpan(_used));
        chunk = _current;
        offset = _used;
        _used += length;
        _current.Count++;
        return null;
    }

    /// <summary>A frame in the chunk is needed no more; null does nothing.</summary>
    public void Forget(FrameChunk? chunk)
    {
        if (chunk is not null && --chunk.Count == 0 && chunk != _current)
        {
            _free.Push(chunk);
        }
    }

    /// <summary>
    /// To be called every heartbeat: chunks that were free in all of the last ones go back to the collector.
    /// </summary>
    public void Trim()
    {
        if (++_heartbeats % HeartbeatsFree != 0)
        {
            return;
        }

        for (; _leastFree > 0; _leastFree--)
        {
            _free.Pop();
        }

        _leastFree = _free.Count;
    }

    private FrameChunk Take()
    {
        if (!_free.TryPop(out FrameChunk? chunk))
        {
            return new FrameChunk();
        }

        _leastFree = Math.Min(_leastFree, _free.Count);
        return chunk;
    }
}
