namespace Pmq.Libp2p.Yamux;

/// <content>What the peer sends.</content>
internal sealed partial class YamuxSession
{
    private readonly byte[] _partialHeader = new byte[YamuxHeader.Size];
    private int _partialHeaderLength;
    private YamuxStreamState? _bodyStream;
    private uint _bodyRemaining;
    private bool _bodyEndsStream;
    private double _pingTokens;
    private TimeSpan _pingTokensAt;
    private TimeSpan _lastSign;

    /// <summary>
    /// Takes the next bytes of the peer, cut anywhere. After a violation the session must be closed.
    /// </summary>
    /// <param name="bytes">The bytes; effects of the kind <see cref="YamuxEffectKind.Data"/> are ranges of
    /// them.</param>
    /// <param name="now">Time since the session's instant.</param>
    /// <param name="effects">What is to be done is appended here, also what came before a violation.</param>
    public YamuxViolation Receive(ReadOnlySpan<byte> bytes, TimeSpan now, List<YamuxEffect> effects)
    {
        _lastSign = now;
        int position = 0;
        while (position < bytes.Length)
        {
            if (_bodyRemaining > 0)
            {
                position += TakeBody(position, bytes.Length - position, effects);
                continue;
            }

            ReadOnlySpan<byte> rest = bytes[position..];
            int missing = YamuxHeader.Size - _partialHeaderLength;
            if (rest.Length < missing)
            {
                rest.CopyTo(_partialHeader.AsSpan(_partialHeaderLength));
                _partialHeaderLength += rest.Length;
                break;
            }

            ReadOnlySpan<byte> source = rest;
            if (_partialHeaderLength > 0)
            {
                rest[..missing].CopyTo(_partialHeader.AsSpan(_partialHeaderLength));
                _partialHeaderLength = 0;
                source = _partialHeader;
            }

            position += missing;
            YamuxViolation violation = YamuxHeader.Read(source, out YamuxHeader header);
            if (violation == YamuxViolation.None)
            {
                violation = Handle(header, now, effects);
            }

            if (violation != YamuxViolation.None)
            {
                return violation;
            }
        }

        return YamuxViolation.None;
    }

    private int TakeBody(int offset, int available, List<YamuxEffect> effects)
    {
        int length = (int)Math.Min(_bodyRemaining, (uint)available);
        _bodyRemaining -= (uint)length;
        if (_bodyStream is { IsReset: false, IsGone: false } stream)
        {
            if (!stream.IsReleased)
            {
                effects.Add(new YamuxEffect(YamuxEffectKind.Data, stream, offset, length));
            }

            if (_bodyRemaining == 0 && _bodyEndsStream)
            {
                CloseRemote(stream, effects);
            }
        }

        return length;
    }

    private YamuxViolation Handle(YamuxHeader header, TimeSpan now, List<YamuxEffect> effects)
    {
        switch (header.Type)
        {
            case YamuxFrameType.Data or YamuxFrameType.WindowUpdate when header.StreamId == 0:
                return YamuxViolation.StreamIdMissing;
            case YamuxFrameType.Data or YamuxFrameType.WindowUpdate:
                return HandleStreamFrame(header, now, effects);
            case var _ when header.StreamId != 0:
                return YamuxViolation.StreamIdOnSessionFrame;
            case YamuxFrameType.Ping:
                return HandlePing(header, now);
            default:
                RemoteGoingAway = true;
                effects.Add(new YamuxEffect(YamuxEffectKind.GoAway, null, Code: header.Length));
                return YamuxViolation.None;
        }
    }

    private YamuxViolation HandleStreamFrame(YamuxHeader header, TimeSpan now, List<YamuxEffect> effects)
    {
        bool isData = header.Type == YamuxFrameType.Data;
        _bodyStream = null;
        _bodyRemaining = isData ? header.Length : 0;
        _bodyEndsStream = false;
        _streams.TryGetValue(header.StreamId, out YamuxStreamState? stream);
        if (header.Flags.HasFlag(YamuxFlags.Syn))
        {
            YamuxViolation violation = HandleSyn(header, stream, now, effects, out stream);
            if (violation != YamuxViolation.None)
            {
                return violation;
            }
        }

        // What comes for a stream that we have reset ourselves was sent before the peer knew.
        if (stream is null || stream.IsReset)
        {
            IgnoredFrames++;
            return header.Flags.HasFlag(YamuxFlags.Rst) && stream is not null ? HandleReset(stream, effects)
                : YamuxViolation.None;
        }

        Acknowledge(stream);
        if (header.Flags.HasFlag(YamuxFlags.Rst))
        {
            // The length may be an error code of go-libp2p, never credit.
            return HandleReset(stream, effects);
        }

        return isData ? HandleData(header, stream, effects) : HandleWindowUpdate(header, stream, effects);
    }

    private YamuxViolation HandleSyn(
        YamuxHeader header,
        YamuxStreamState? existing,
        TimeSpan now,
        List<YamuxEffect> effects,
        out YamuxStreamState? stream)
    {
        stream = null;
        bool isOdd = (header.StreamId & 1) == 1;
        if (isOdd == _isDialer)
        {
            return YamuxViolation.WrongParity;
        }

        if (existing is not null)
        {
            return YamuxViolation.DuplicateSyn;
        }

        // Before a stream exists that could hold it (CVE-2026-32314).
        if (header.Type == YamuxFrameType.Data && header.Length > YamuxOptions.InitialWindowBytes)
        {
            return YamuxViolation.WindowExceeded;
        }

        if (header.Flags.HasFlag(YamuxFlags.Rst))
        {
            return YamuxViolation.None;
        }

        if (LocalGoingAway || _inbound >= _options.MaxInboundStreams || _backlog >= _options.AcceptBacklog)
        {
            effects.Add(new YamuxEffect(YamuxEffectKind.Refused, null));
            return Owe(new YamuxHeader(YamuxFrameType.WindowUpdate, YamuxFlags.Rst, header.StreamId, 0));
        }

        stream = new YamuxStreamState(header.StreamId, isOutbound: false, now) { InBacklog = true, AckPending = true };
        _streams.Add(stream.Id, stream);
        _inbound++;
        _backlog++;
        effects.Add(new YamuxEffect(YamuxEffectKind.Opened, stream));
        return YamuxViolation.None;
    }

    private YamuxViolation HandleReset(YamuxStreamState stream, List<YamuxEffect> effects)
    {
        if (!stream.IsReset)
        {
            DropSendBuffer(stream);
            effects.Add(new YamuxEffect(YamuxEffectKind.Reset, stream));
        }

        Remove(stream);
        return YamuxViolation.None;
    }

    private YamuxViolation HandleData(YamuxHeader header, YamuxStreamState stream, List<YamuxEffect> effects)
    {
        if (header.Length > stream.ReceiveWindow)
        {
            return YamuxViolation.WindowExceeded;
        }

        stream.ReceiveWindow -= header.Length;
        if (stream.RemoteClosed)
        {
            IgnoredFrames++;
            return YamuxViolation.None;
        }

        // Counted as unread before it comes: what is still under way of a body is no room for credit.
        stream.Unread += header.Length;
        bool ends = header.Flags.HasFlag(YamuxFlags.Fin);
        if (header.Length > 0)
        {
            _bodyStream = stream;
            _bodyEndsStream = ends;
        }
        else if (ends)
        {
            CloseRemote(stream, effects);
        }

        return YamuxViolation.None;
    }

    private YamuxViolation HandleWindowUpdate(YamuxHeader header, YamuxStreamState stream, List<YamuxEffect> effects)
    {
        // Summed in 64 bits (CVE-2026-31814).
        if (stream.SendWindow + header.Length > uint.MaxValue)
        {
            return YamuxViolation.WindowOverflow;
        }

        stream.SendWindow += header.Length;
        MarkDataReady(stream);
        if (header.Flags.HasFlag(YamuxFlags.Fin) && !stream.RemoteClosed)
        {
            CloseRemote(stream, effects);
        }

        return YamuxViolation.None;
    }

    private void CloseRemote(YamuxStreamState stream, List<YamuxEffect> effects)
    {
        stream.RemoteClosed = true;
        effects.Add(new YamuxEffect(YamuxEffectKind.RemoteClosed, stream));
        if (stream.FinSent)
        {
            Remove(stream);
        }
    }

    private YamuxViolation HandlePing(YamuxHeader header, TimeSpan now)
    {
        if (!header.Flags.HasFlag(YamuxFlags.Syn))
        {
            // An answer; to a question we did not ask, it is dropped.
            if (_pingOutstanding && header.Length == _pingValue)
            {
                _pingOutstanding = false;
                RoundTripTime = now - _lastPing;
            }

            return YamuxViolation.None;
        }

        double refill = (now - _pingTokensAt).TotalSeconds * _options.PingsPerSecond;
        _pingTokens = Math.Min(_options.PingBurst, _pingTokens + refill);
        _pingTokensAt = now;
        if (_pingTokens < 1)
        {
            return YamuxViolation.PingFlood;
        }

        _pingTokens--;
        return Owe(new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Ack, 0, header.Length));
    }
}
