using Pmq.Libp2p.Yamux;
using static Pmq.Libp2p.Tests.Yamux.YamuxFrames;

namespace Pmq.Libp2p.Tests.Yamux;

/// <summary>How much may be under way: receive windows and send buffers.</summary>
public sealed class YamuxWindowTests
{
    private readonly SessionProbe _probe = new(isDialer: true);

    private YamuxSession Session => _probe.Session;

    [Fact]
    public void Credit_is_granted_when_half_of_the_window_is_consumed()
    {
        _probe.Receive(Data(2, 200_000, YamuxFlags.Syn));
        YamuxStreamState stream = _probe.Opened();
        Session.Accept(stream);
        Session.Consume(stream, 131_071, _probe.Now);
        Assert.Empty(TakeStreamFrames());

        Session.Consume(stream, 1, _probe.Now);

        Assert.Equal(
            [new YamuxHeader(YamuxFrameType.WindowUpdate, YamuxFlags.Ack, 2, 131_072)], TakeStreamFrames());
        Assert.Equal(262_144 - 200_000 + 131_072, stream.ReceiveWindow);
    }

    [Fact]
    public void The_part_of_a_body_that_is_still_to_come_earns_no_credit()
    {
        // A peer announces whole windows and sends them in halves: counted wrongly, credit comes for bytes that are
        // under way, twice the window is buffered, and the next credit is negative, which reads as 4 GiB.
        byte[] half = new byte[131_072];
        _probe.Receive(Frame(YamuxFrameType.Data, YamuxFlags.Syn, 2, 262_144), half);
        YamuxStreamState stream = _probe.Opened();
        Session.Accept(stream);
        Session.Consume(stream, half.Length, _probe.Now);
        Assert.Equal(131_072u, Assert.Single(TakeStreamFrames()).Length);
        Assert.Equal(131_072, stream.ReceiveWindow);

        Assert.Equal(YamuxViolation.None, _probe.Receive(half, Data(2, 131_072)));
        Assert.Equal(YamuxViolation.WindowExceeded, _probe.Receive(Data(2, 1)));
        Session.Consume(stream, half.Length, _probe.Now);
        Assert.Equal(131_072u, Assert.Single(TakeStreamFrames()).Length);
    }

    [Fact]
    public void No_credit_is_granted_behind_a_fin()
    {
        _probe.Receive(Data(2, 200_000, YamuxFlags.Syn | YamuxFlags.Fin));
        Session.Consume(_probe.Opened(), 200_000, _probe.Now);
        Assert.Empty(TakeStreamFrames());
    }

    [Fact]
    public void The_window_doubles_up_to_its_limit_while_half_of_it_lasts_less_than_four_round_trips()
    {
        var probe = new SessionProbe(isDialer: true, new YamuxOptions { MaxWindowBytes = 1024 * 1024 });
        YamuxStreamState stream = OpenWithRoundTrip(probe, TimeSpan.FromMilliseconds(100));

        TimeSpan fast = TimeSpan.FromMilliseconds(399);
        long[] sizes = [.. Enumerable.Range(0, 4).Select(_ => ConsumeHalf(probe, stream, fast))];
        Assert.Equal([524_288, 1_048_576, 1_048_576, 1_048_576], sizes);
        Assert.Equal(1_048_576 - 262_144, probe.Session.WindowGrowth);

        probe.Receive(Window(stream.Id, 0, YamuxFlags.Rst));
        Assert.Equal(0, probe.Session.WindowGrowth);
    }

    [Fact]
    public void The_window_does_not_grow_for_a_slow_reader()
    {
        YamuxStreamState stream = OpenWithRoundTrip(_probe, TimeSpan.FromMilliseconds(100));
        Assert.Equal(262_144, ConsumeHalf(_probe, stream, TimeSpan.FromMilliseconds(401)));
    }

    [Fact]
    public void All_windows_together_do_not_grow_beyond_their_limit()
    {
        var probe = new SessionProbe(isDialer: true, new YamuxOptions { MaxWindowGrowthBytes = 300_000 });
        YamuxStreamState first = OpenWithRoundTrip(probe, TimeSpan.FromMilliseconds(100));
        Assert.Equal(524_288, ConsumeHalf(probe, first, TimeSpan.Zero));
        Assert.Equal(524_288, ConsumeHalf(probe, first, TimeSpan.Zero));
    }

    [Fact]
    public void The_send_buffer_of_the_connection_is_bounded_but_never_starves_a_stream()
    {
        var probe = new SessionProbe(isDialer: true, new YamuxOptions { ConnectionSendBufferBytes = 300_000 });
        YamuxStreamState first = probe.Session.Open(probe.Now);
        YamuxStreamState second = probe.Session.Open(probe.Now);
        YamuxStreamState third = probe.Session.Open(probe.Now);

        Assert.Equal(262_144, probe.Write(first, 1_000_000));
        Assert.Equal(300_000 - 262_144, probe.Write(second, 1_000_000));
        Assert.Equal(4096, probe.Write(third, 1_000_000));
        Assert.Equal(0, probe.Write(third, 1));
    }

    private static YamuxStreamState OpenWithRoundTrip(SessionProbe probe, TimeSpan roundTrip)
    {
        probe.Receive(Data(2, 0, YamuxFlags.Syn));
        YamuxStreamState stream = probe.Opened();
        probe.Write(stream, 1);
        probe.Take();
        probe.Now += roundTrip;
        probe.Receive(PingFrame(1, YamuxFlags.Ack));
        Assert.Equal(roundTrip, probe.Session.RoundTripTime);
        probe.Receive(Data(2, 131_072));
        probe.Session.Consume(stream, 131_072, probe.Now + TimeSpan.FromHours(1));
        probe.Now += TimeSpan.FromHours(1);
        Assert.Equal(262_144, stream.WindowSize);
        return stream;
    }

    // Sends and consumes half of the window within a time; the size it then has.
    private static long ConsumeHalf(SessionProbe probe, YamuxStreamState stream, TimeSpan within)
    {
        int half = (int)(stream.WindowSize / 2);
        Assert.Equal(YamuxViolation.None, probe.Receive(Data(stream.Id, half)));
        probe.Now += within;
        probe.Session.Consume(stream, half, probe.Now);
        Assert.Equal(stream.WindowSize, stream.ReceiveWindow);
        return stream.WindowSize;
    }

    private List<YamuxHeader> TakeStreamFrames() => [.. _probe.Take().Where(f => f.StreamId != 0)];
}
