using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Tests.Yamux;

/// <summary>Frames as bytes, and a session under test with what it did.</summary>
internal static class YamuxFrames
{
    public static byte[] Data(uint id, int length, YamuxFlags flags = YamuxFlags.None) =>
        [.. Frame(YamuxFrameType.Data, flags, id, (uint)length), .. new byte[length]];

    public static byte[] Window(uint id, uint credit, YamuxFlags flags = YamuxFlags.None) =>
        Frame(YamuxFrameType.WindowUpdate, flags, id, credit);

    public static byte[] PingFrame(uint value, YamuxFlags flags = YamuxFlags.Syn) =>
        Frame(YamuxFrameType.Ping, flags, 0, value);

    public static byte[] GoAway(uint code) => Frame(YamuxFrameType.GoAway, YamuxFlags.None, 0, code);

    public static byte[] Frame(YamuxFrameType type, YamuxFlags flags, uint id, uint length)
    {
        var bytes = new byte[YamuxHeader.Size];
        new YamuxHeader(type, flags, id, length).Write(bytes);
        return bytes;
    }
}

/// <summary>A session and the effects and frames it gave since they were last looked at.</summary>
internal sealed class SessionProbe(bool isDialer, YamuxOptions? options = null)
{
    private readonly List<YamuxEffect> _effects = [];

    public YamuxSession Session { get; } = new(isDialer, options ?? YamuxOptions.Default, TimeSpan.Zero);

    public TimeSpan Now { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Feeds bytes; the effects replace those of before.</summary>
    public YamuxViolation Receive(params ReadOnlySpan<byte[]> frames)
    {
        _effects.Clear();
        foreach (byte[] frame in frames)
        {
            YamuxViolation violation = Session.Receive(frame, Now, _effects);
            if (violation != YamuxViolation.None)
            {
                return violation;
            }
        }

        return YamuxViolation.None;
    }

    public IReadOnlyList<YamuxEffect> Effects => _effects;

    public IEnumerable<YamuxEffectKind> Kinds => _effects.Select(e => e.Kind);

    public void Tick()
    {
        _effects.Clear();
        Session.Tick(Now, _effects);
    }

    /// <summary>The stream that the last input opened.</summary>
    public YamuxStreamState Opened() => _effects.Single(e => e.Kind == YamuxEffectKind.Opened).Stream!;

    /// <summary>Takes all frames that the session has, as a driver does.</summary>
    public List<YamuxHeader> Take(int room = 65_280)
    {
        var frames = new List<YamuxHeader>();
        while (Session.TryTakeFrame(room, Now, out YamuxFrame frame))
        {
            frames.Add(frame.Header);
            if (frame.Stream is not null)
            {
                Session.Flushed(frame.Stream, frame.BodyLength);
            }
        }

        return frames;
    }

    /// <summary>Buffers bytes to be sent as a driver does; returns how many.</summary>
    public int Write(YamuxStreamState stream, int length)
    {
        int reserved = Session.Reserve(stream, length);
        Assert.True(reserved == 0 || Session.Commit(stream, reserved));
        return reserved;
    }
}
