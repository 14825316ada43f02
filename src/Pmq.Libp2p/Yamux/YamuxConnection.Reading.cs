using Pmq.Core.Hosting;
using Pmq.Libp2p.Noise;

namespace Pmq.Libp2p.Yamux;

/// <content>The reader loop.</content>
internal sealed partial class YamuxConnection
{
    private readonly List<YamuxEffect> _effects = [];
    private readonly List<YamuxStream> _wakes = [];
    private long _ignoredFrames;

    private async Task ReadLoopAsync()
    {
        NoiseReceiveBuffer received = _channel.Received;
        bool more = Process(_channel.TakePlaintext());
        bool filled = false;
        while (more)
        {
            more = ProcessReceived(received);
            WakeReaders();
            if (!more)
            {
                return;
            }

            // A receive that left no room is followed by another at once; after any other the loop waits without a
            // buffer of its own.
            if (!filled && received.IsEmpty)
            {
                received.ReleaseIfEmpty();
                await _channel.Transport.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            }

            Memory<byte> free = received.GetFree(NoiseReceiveBuffer.BulkCapacity);
            int length = await _channel.Transport.ReceiveAsync(free, CancellationToken.None);
            if (length == 0)
            {
                // A peer that ended in order reads our end of it too.
                if (received.IsEmpty)
                {
                    BeginClose(new CloseReason(CloseKind.RemoteClose), YamuxGoAwayCode.Normal);
                }
                else
                {
                    BeginClose(new CloseReason(CloseKind.TransportFailed, "noise: Truncated"), goAway: null);
                }

                return;
            }

            received.Commit(length);
            filled = length == free.Length;
        }
    }

    private bool ProcessReceived(NoiseReceiveBuffer received)
    {
        while (received.TryTake(out Memory<byte> frame))
        {
            NoiseViolation violation = _channel.ReceiveCipher.Decrypt(frame.Span);
            if (violation != NoiseViolation.None)
            {
                NoiseMetrics.CountViolation(violation);
                BeginClose(new CloseReason(CloseKind.ProtocolViolation, $"noise: {violation}"), goAway: null);
                return false;
            }

            if (!Process(frame[..^NoiseCipher.TagLength]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Feeds decrypted bytes to the session; false when the loop must end.</summary>
    private bool Process(ReadOnlyMemory<byte> plaintext)
    {
        if (plaintext.IsEmpty)
        {
            return true;
        }

        YamuxViolation violation;
        bool send;
        long ignored;
        _effects.Clear();
        lock (_gate)
        {
            violation = _session.Receive(plaintext.Span, Now(), _effects);
            Resume();
            send = _session.HasFrames;
            ignored = _session.IgnoredFrames;
        }

        YamuxMetrics.CountReceived(plaintext.Length);
        YamuxMetrics.CountIgnored(ignored - _ignoredFrames);
        _ignoredFrames = ignored;
        bool more = CarryOut(plaintext.Span);
        if (violation != YamuxViolation.None)
        {
            YamuxMetrics.CountViolation(violation);
            (YamuxGoAwayCode goAway, CloseKind kind) = YamuxViolations.ConsequenceOf(violation);
            BeginClose(new CloseReason(kind, $"yamux: {violation}"), goAway);
            return false;
        }

        if (send)
        {
            _writerSignal.Set();
        }

        return more;
    }

    private bool CarryOut(ReadOnlySpan<byte> plaintext)
    {
        foreach (YamuxEffect effect in _effects)
        {
            var stream = (YamuxStream?)effect.Stream?.Owner;
            switch (effect.Kind)
            {
                case YamuxEffectKind.Data:
                    AddWake(stream!, stream!.OnData(plaintext.Slice(effect.Offset, effect.Length)));
                    break;
                case YamuxEffectKind.Opened:
                    AddAccepted(effect.Stream!);
                    break;
                case YamuxEffectKind.RemoteClosed:
                    AddWake(stream!, stream!.OnRemoteClosed());
                    break;
                case YamuxEffectKind.Reset:
                    Fail(stream!, StreamFault.ResetByPeer);
                    break;
                case YamuxEffectKind.Refused:
                    YamuxMetrics.CountRefused();
                    break;
                case YamuxEffectKind.GoAway when effect.Code != (uint)YamuxGoAwayCode.Normal:
                    // The peer has closed for a reason of its own and resets everything.
                    BeginClose(new CloseReason(CloseKind.RemoteClose, $"yamux: GoAway {effect.Code}"), goAway: null);
                    return false;
            }
        }

        return true;
    }

    private void AddWake(YamuxStream stream, bool waits)
    {
        // The data of one stream mostly comes in a row.
        if (waits && (_wakes.Count == 0 || _wakes[^1] != stream))
        {
            _wakes.Add(stream);
        }
    }

    private void WakeReaders()
    {
        foreach (YamuxStream stream in _wakes)
        {
            stream.WakeReader();
        }

        _wakes.Clear();
    }

    private void AddAccepted(YamuxStreamState state)
    {
        var stream = new YamuxStream(this, state);
        state.Owner = stream;
        YamuxMetrics.CountOpened(outbound: false);
        lock (_gate)
        {
            _accepted.Enqueue(stream);
        }

        _acceptSignal.Set();
    }

    private void Fail(YamuxStream stream, StreamFault fault)
    {
        lock (_gate)
        {
            stream.Fault = fault;
        }

        stream.OnFailed(fault);
    }
}
