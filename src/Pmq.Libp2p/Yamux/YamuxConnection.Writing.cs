using System.Buffers;
using System.Runtime.InteropServices;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Noise;

namespace Pmq.Libp2p.Yamux;

/// <content>The writer loop.</content>
internal sealed partial class YamuxConnection
{
    private const int MaxFrameLength = NoiseFrame.PrefixLength + NoiseFrame.MaxPlaintextSent + NoiseCipher.TagLength;

    private readonly AsyncSignal _writerSignal = new();
    private readonly List<YamuxFrame> _frames = [];
    private bool _saidGoAway;

    // When the send that is under way began, in ticks since the start; 0 when there is none.
    private long _sendingSince;

    private async Task WriteLoopAsync()
    {
        byte[]? buffer = null;
        try
        {
            while (true)
            {
                buffer ??= LinkBuffers.Rent(Math.Max(_options.MaxSendBytes, 2 * MaxFrameLength));
                int length = Fill(buffer);
                if (length > 0)
                {
                    Volatile.Write(ref _sendingSince, Now().Ticks | 1);
                    ValueTask sending = _channel.Transport.SendAsync(buffer.AsMemory(0, length), CancellationToken.None);
                    bool waited = !sending.IsCompleted;
                    await sending;
                    Volatile.Write(ref _sendingSince, 0);
                    if (waited)
                    {
                        NoteProgress();
                    }

                    continue;
                }

                if (IsWritingOver())
                {
                    return;
                }

                LinkBuffers.Return(buffer);
                buffer = null;
                await _writerSignal.WaitAsync();
            }
        }
        finally
        {
            if (buffer is not null)
            {
                LinkBuffers.Return(buffer);
            }
        }
    }

    /// <summary>Fills the buffer with as many Noise frames as there are queued and fit.</summary>
    private int Fill(byte[] buffer)
    {
        byte[] handshake = _channel.TakePending();
        handshake.CopyTo(buffer, 0);
        int position = handshake.Length;
        while (buffer.Length - position >= MaxFrameLength && position < _options.MaxSendBytes - (MaxFrameLength / 2))
        {
            Span<byte> message = buffer.AsSpan(position + NoiseFrame.PrefixLength);
            int length = FillMessage(message[..NoiseFrame.MaxPlaintextSent]);
            if (length == 0)
            {
                break;
            }

            if (!_channel.SendCipher.TryEncrypt(message, length))
            {
                NoiseMetrics.CountViolation(NoiseViolation.NonceExhausted);
                BeginClose(new CloseReason(CloseKind.LimitExceeded, "noise: NonceExhausted"), goAway: null);
                return 0;
            }

            NoiseFrame.WritePrefix(buffer.AsSpan(position), length + NoiseCipher.TagLength);
            position += NoiseFrame.PrefixLength + length + NoiseCipher.TagLength;
            YamuxMetrics.CountSent(length);
        }

        return position;
    }

    /// <summary>Fills one Noise message with Yamux frames; returns its length.</summary>
    private int FillMessage(Span<byte> message)
    {
        _frames.Clear();
        bool hasBodies = TakeFrames(message.Length);
        int position = 0;
        foreach (ref readonly YamuxFrame frame in CollectionsMarshal.AsSpan(_frames))
        {
            frame.Header.Write(message[position..]);
            if (frame.Stream is not null)
            {
                Owner(frame.Stream).SendBuffer.Read(message.Slice(position + YamuxHeader.Size, frame.BodyLength));
            }

            position += frame.Size;
        }

        if (hasBodies)
        {
            FreeRoom();
        }

        return position;

        static YamuxStream Owner(YamuxStreamState state) => (YamuxStream)state.Owner!;
    }

    private bool TakeFrames(int room)
    {
        bool hasBodies = false;
        lock (_gate)
        {
            // Read inside: a ping that carried the time of before a wait for the lock would count as unanswered too soon.
            TimeSpan now = Now();
            while (!_saidGoAway && _session.TryTakeFrame(room, now, out YamuxFrame frame))
            {
                _frames.Add(frame);
                room -= frame.Size;
                hasBodies |= frame.Stream is not null;
                _saidGoAway = frame.Header.Type == YamuxFrameType.GoAway;
            }
        }

        return hasBodies;
    }

    private void FreeRoom()
    {
        lock (_gate)
        {
            foreach (ref readonly YamuxFrame frame in CollectionsMarshal.AsSpan(_frames))
            {
                if (frame.Stream is not { } state)
                {
                    continue;
                }

                _session.Flushed(state, frame.BodyLength);
                if (state.Buffered == 0 && !state.IsReset)
                {
                    ((YamuxStream)state.Owner!).SendBuffer.ReleaseDrained();
                }
            }

            Resume();
        }
    }

    private void NoteProgress()
    {
        lock (_gate)
        {
            _session.Progressed(Now());
        }
    }

    private bool IsWritingOver()
    {
        lock (_gate)
        {
            return _saidGoAway || _isAborted;
        }
    }
}
