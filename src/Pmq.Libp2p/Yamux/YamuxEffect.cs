namespace Pmq.Libp2p.Yamux;

/// <summary>What a <see cref="YamuxSession"/> asks of its driver.</summary>
internal enum YamuxEffectKind
{
    /// <summary>
    /// Bytes arrived: <see cref="YamuxEffect.Length"/> at <see cref="YamuxEffect.Offset"/> of the input.
    /// </summary>
    Data,

    /// <summary>
    /// The peer opened a stream; it is in the accept backlog until <see cref="YamuxSession.Accept"/>.
    /// </summary>
    Opened,

    /// <summary>The peer has half-closed; no data follows.</summary>
    RemoteClosed,

    /// <summary>The peer reset the stream.</summary>
    Reset,

    /// <summary>The peer opened a stream and was refused; nothing is to be done but to count it.</summary>
    Refused,

    /// <summary>The peer says that the session ends, with the code <see cref="YamuxEffect.Code"/>.</summary>
    GoAway,

    /// <summary>The peer gives no sign of life: the connection is to be ended.</summary>
    Dead,
}

/// <summary>One effect; effects are carried out in order.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Stream">To which stream; null for the session.</param>
/// <param name="Offset">Where the data starts.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Code">The code of a GoAway.</param>
internal readonly record struct YamuxEffect(
    YamuxEffectKind Kind, YamuxStreamState? Stream, int Offset = 0, int Length = 0, uint Code = 0);

/// <summary>A frame to be written.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Stream">Whose queued bytes make up the body; null without a body.</param>
internal readonly record struct YamuxFrame(YamuxHeader Header, YamuxStreamState? Stream)
{
    /// <summary>The bytes of the frame, header included.</summary>
    public int Size => YamuxHeader.Size + BodyLength;

    /// <summary>The bytes of the body.</summary>
    public int BodyLength => Stream is null ? 0 : (int)Header.Length;
}
