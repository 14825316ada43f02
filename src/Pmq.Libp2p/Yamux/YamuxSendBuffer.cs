using System.Buffers;
using System.Numerics;
using Pmq.Core.Runtime;

using Pmq.Libp2p.Noise;

namespace Pmq.Libp2p.Yamux;

/// <summary>
/// The bytes of one stream on their way from the application to the writer loop. One thread writes while another
/// reads; that nothing is read which is not wholly written is the duty of the session's counts.
/// </summary>
internal sealed class YamuxSendBuffer
{
    private const int MinChunk = 4 * 1024;
    private const int MaxChunk = 64 * 1024;

    private Chunk? _head;
    private Chunk? _tail;
    private Chunk? _spare;

    /// <summary>Appends bytes for which there is room in the session.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_tail is null || _tail.Written == _tail.Size)
            {
                AddChunk(bytes.Length);
            }

            Chunk tail = _tail!;
            int length = Math.Min(bytes.Length, tail.Size - tail.Written);
            bytes[..length].CopyTo(tail.Bytes.AsSpan(tail.Written));
            tail.Written += length;
            bytes = bytes[length..];
        }
    }

    /// <summary>Takes the next bytes, all of which have been written.</summary>
    public void Read(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            Chunk head = _head!;
            if (head.Read == head.Size)
            {
                _head = head.Next;
                continue;
            }

            int length = Math.Min(destination.Length, head.Size - head.Read);
            head.Bytes.AsSpan(head.Read, length).CopyTo(destination);
            destination = destination[length..];
            head.Read += length;
            if (head.Read == head.Size)
            {
                head.Return();
            }
        }
    }

    /// <summary>Gives the arrays back. Only when nothing is reserved, queued or being read.</summary>
    public void ReleaseDrained()
    {
        if (_tail is { } tail)
        {
            Invariant.Check(tail.Read == tail.Written);
            if (tail.Read < tail.Size)
            {
                tail.Return();
            }

            _spare = tail;
            _head = _tail = null;
        }
    }

    private void AddChunk(int wanted)
    {
        // A second chunk in a row means a stream under load.
        int size = _tail is null
            ? (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(wanted, MinChunk, MaxChunk))
            : MaxChunk;
        Chunk chunk = _spare ?? new Chunk();
        _spare = null;
        chunk.Rent(size);
        if (_tail is null)
        {
            _head = chunk;
        }
        else
        {
            _tail.Next = chunk;
        }

        _tail = chunk;
    }

    private sealed class Chunk
    {
        public byte[] Bytes { get; private set; } = [];

        public int Size { get; private set; }

        public int Written { get; set; }

        public int Read { get; set; }

        public Chunk? Next { get; set; }

        public void Rent(int size)
        {
            Bytes = LinkBuffers.Rent(size);
            Size = size;
            (Written, Read, Next) = (0, 0, null);
        }

        public void Return()
        {
            LinkBuffers.Return(Bytes);
            Bytes = [];
        }
    }
}
