using System.Buffers;
using Pmq.Core.Runtime;

namespace Pmq.Libp2p.Noise;

/// <summary>
/// What was received from the transport and not taken yet: whole Noise frames, and the start of one. It holds a pooled
/// array only while it holds bytes or is being received into. One owner.
/// </summary>
internal sealed class NoiseReceiveBuffer : IDisposable
{
    /// <summary>
    /// Holds the largest frame twice but for a few bytes, so that a receive is never small for want of room.
    /// </summary>
    public const int BulkCapacity = 128 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>Whether nothing is buffered.</summary>
    public bool IsEmpty => _start == _end;

    /// <summary>The bytes buffered.</summary>
    public int Length => _end - _start;

    /// <summary>Adds bytes that somebody else received.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetFree(Length + bytes.Length, bytes.Length).Span);
        Commit(bytes.Length);
    }

    /// <summary>
    /// The room behind the buffered bytes, enough for the rest of the frame at hand.
    /// </summary>
    /// <param name="capacity">The size of the array to have, in bytes; more if the frame at hand needs it.</param>
    /// <param name="room">The least room to have, in bytes; at most what <paramref name="capacity"/> leaves.</param>
    public Memory<byte> GetFree(int capacity, int room = 1)
    {
        int frame = TryPeekLength(out int body) ? NoiseFrame.PrefixLength + body : NoiseFrame.PrefixLength;
        capacity = Math.Max(capacity, Math.Max(frame, Length + room));
        if (IsEmpty)
        {
            (_start, _end) = (0, 0);
        }

        if (_buffer.Length < capacity)
        {
            byte[] larger = LinkBuffers.Rent(capacity);
            _buffer.AsSpan(_start, Length).CopyTo(larger);
            ReturnBuffer();
            _buffer = larger;
            (_start, _end) = (0, _end - _start);
        }
        else if (_buffer.Length - _start < frame || _buffer.Length - _end < Math.Max(room, _buffer.Length / 4))
        {
            _buffer.AsSpan(_start, Length).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>Counts bytes that were received into <see cref="GetFree"/>.</summary>
    public void Commit(int length)
    {
        Invariant.Check(length >= 0 && length <= _buffer.Length - _end);
        _end += length;
    }

    /// <summary>The length of the next frame's body, when its prefix is there.</summary>
    public bool TryPeekLength(out int body)
    {
        if (Length < NoiseFrame.PrefixLength)
        {
            body = 0;
            return false;
        }

        body = NoiseFrame.ReadPrefix(_buffer.AsSpan(_start));
        return true;
    }

    /// <summary>Takes the body of the next frame if all of it is there.</summary>
    /// <param name="body">Valid until the next <see cref="GetFree"/> or <see cref="ReleaseIfEmpty"/>.</param>
    public bool TryTake(out Memory<byte> body)
    {
        if (!TryPeekLength(out int length) || Length < NoiseFrame.PrefixLength + length)
        {
            body = default;
            return false;
        }

        body = _buffer.AsMemory(_start + NoiseFrame.PrefixLength, length);
        _start += NoiseFrame.PrefixLength + length;
        return true;
    }

    /// <summary>Gives the array back if nothing is buffered.</summary>
    public void ReleaseIfEmpty()
    {
        if (IsEmpty)
        {
            Dispose();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ReturnBuffer();
        (_buffer, _start, _end) = ([], 0, 0);
    }

    private void ReturnBuffer()
    {
        if (_buffer.Length > 0)
        {
            LinkBuffers.Return(_buffer);
        }
    }
}
