using Pmq.Libp2p.Yamux;
using static Pmq.Libp2p.Tests.Yamux.YamuxFrames;

namespace Pmq.Libp2p.Tests.Yamux;

public sealed class YamuxSessionTests
{
    private readonly SessionProbe _probe = new(isDialer: true);

    private YamuxSession Session => _probe.Session;

    [Fact]
    public void The_syn_goes_with_the_first_data_and_ids_rise_by_two()
    {
        YamuxStreamState first = Session.Open(_probe.Now);
        YamuxStreamState second = Session.Open(_probe.Now);
        Assert.False(Session.HasFrames);

        _probe.Write(second, 5);
        _probe.Write(first, 7);
        _probe.Write(first, 3);

        Assert.Equal(
            [
                new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Syn, 0, 1),
                new YamuxHeader(YamuxFrameType.Data, YamuxFlags.Syn, 3, 5),
                new YamuxHeader(YamuxFrameType.Data, YamuxFlags.Syn, 1, 10),
            ],
            _probe.Take());
        _probe.Write(first, 1);
        Assert.Equal([new YamuxHeader(YamuxFrameType.Data, YamuxFlags.None, 1, 1)], _probe.Take());
    }

    [Fact]
    public void A_listener_opens_even_ids() =>
        Assert.Equal(2u, new SessionProbe(isDialer: false).Session.Open(TimeSpan.Zero).Id);

    [Fact]
    public void A_stream_on_which_we_only_read_is_announced()
    {
        YamuxStreamState stream = Session.Open(_probe.Now);
        Session.Announce(stream);
        Session.Announce(stream);

        Assert.Equal([new YamuxHeader(YamuxFrameType.WindowUpdate, YamuxFlags.Syn, 1, 0)], TakeStreamFrames());
    }

    [Fact]
    public void The_ack_goes_with_the_first_frame_of_the_stream()
    {
        _probe.Receive(Data(2, 1, YamuxFlags.Syn));
        YamuxStreamState stream = _probe.Opened();
        Assert.False(Session.HasFrames);

        _probe.Write(stream, 4);

        Assert.Equal([new YamuxHeader(YamuxFrameType.Data, YamuxFlags.Ack, 2, 4)], TakeStreamFrames());
        _probe.Tick();
        Assert.Empty(TakeStreamFrames());
    }

    [Fact]
    public void An_ack_that_found_no_frame_is_sent_once_accepted_when_a_tick_passes_or_many_wait()
    {
        _probe.Receive(Data(2, 1, YamuxFlags.Syn));
        _probe.Tick();
        Assert.Empty(TakeStreamFrames());
        Session.Accept(_probe.Session.Streams.Single());
        _probe.Tick();
        Assert.Equal([new YamuxHeader(YamuxFrameType.WindowUpdate, YamuxFlags.Ack, 2, 0)], TakeStreamFrames());

        for (uint i = 0; i < 32; i++)
        {
            Assert.Empty(TakeStreamFrames());
            _probe.Receive(Data(4 + (2 * i), 1, YamuxFlags.Syn));
            Session.Accept(_probe.Opened());
        }

        Assert.Equal(32, TakeStreamFrames().Count(f => f.Flags == YamuxFlags.Ack));
    }

    [Fact]
    public void Nothing_is_opened_beyond_the_unacknowledged_backlog_until_the_peer_acknowledges()
    {
        var probe = new SessionProbe(isDialer: true, new YamuxOptions { MaxUnacknowledgedStreams = 2 });
        YamuxStreamState first = probe.Session.Open(probe.Now);
        YamuxStreamState second = probe.Session.Open(probe.Now);
        probe.Write(first, 1);
        probe.Write(second, 1);
        probe.Take();
        Assert.Equal(YamuxOpening.Wait, probe.Session.CanOpen);

        probe.Receive(Window(1, 0, YamuxFlags.Ack));
        Assert.Equal(YamuxOpening.Open, probe.Session.CanOpen);
        probe.Session.Open(probe.Now);
        Assert.Equal(YamuxOpening.Wait, probe.Session.CanOpen);

        // Data is an answer as good as the flag, and so is a reset.
        probe.Receive(Data(3, 1));
        Assert.Equal(YamuxOpening.Open, probe.Session.CanOpen);
    }

    [Fact]
    public void Our_own_streams_are_limited()
    {
        var probe = new SessionProbe(isDialer: true, new YamuxOptions { MaxOutboundStreams = 1 });
        YamuxStreamState stream = probe.Session.Open(probe.Now);
        Assert.Equal(YamuxOpening.TooMany, probe.Session.CanOpen);

        probe.Session.Release(stream, probe.Now);
        Assert.Equal(YamuxOpening.Open, probe.Session.CanOpen);
    }

    [Fact]
    public void Sending_stops_at_the_window_and_goes_on_with_credit()
    {
        YamuxStreamState stream = Session.Open(_probe.Now);
        Assert.Equal(256 * 1024, _probe.Write(stream, 1_000_000));
        Assert.Equal(0, _probe.Write(stream, 1));
        Assert.Equal(256 * 1024, TakeStreamFrames().Sum(f => f.Length));
        Assert.Equal(100_000, _probe.Write(stream, 100_000));
        Assert.Empty(TakeStreamFrames());

        _probe.Receive(Window(1, 60_000));

        Assert.Equal([new YamuxHeader(YamuxFrameType.Data, YamuxFlags.None, 1, 60_000)], TakeStreamFrames());
        Assert.Equal(40_000, stream.Queued);
    }

    [Fact]
    public void Streams_take_turns_frame_by_frame()
    {
        YamuxStreamState first = Session.Open(_probe.Now);
        YamuxStreamState second = Session.Open(_probe.Now);
        _probe.Write(first, 200_000);
        _probe.Write(second, 200_000);

        Assert.Equal([1u, 3u, 1u, 3u, 1u, 3u, 1u, 3u], TakeStreamFrames().Select(f => f.StreamId));
    }

    [Fact]
    public void A_frame_is_not_cut_into_a_scrap_to_fill_a_message()
    {
        YamuxStreamState stream = Session.Open(_probe.Now);
        _probe.Write(stream, 5000);
        _probe.Take(room: 12);

        Assert.False(Session.TryTakeFrame(1000, _probe.Now, out _));
        Assert.True(Session.TryTakeFrame(2000, _probe.Now, out YamuxFrame frame));
        Assert.Equal(2000, frame.Size);
    }

    [Fact]
    public void What_controls_goes_ahead_of_data()
    {
        YamuxStreamState stream = Session.Open(_probe.Now);
        _probe.Write(stream, 10);
        _probe.Receive(Data(2, 0, YamuxFlags.Syn));
        Session.Reset(_probe.Opened());
        _probe.Receive(PingFrame(77));

        List<YamuxHeader> frames = _probe.Take();

        Assert.Equal(new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Ack, 0, 77), frames[1]);
        Assert.Equal(new YamuxHeader(YamuxFrameType.WindowUpdate, YamuxFlags.Rst, 2, 0), frames[2]);
        Assert.Equal(YamuxFrameType.Data, frames[3].Type);
    }

    [Fact]
    public void A_fin_follows_what_is_queued_and_is_said_once()
    {
        YamuxStreamState stream = Session.Open(_probe.Now);
        _probe.Write(stream, 100_000);
        Session.CloseWrite(stream);
        Session.CloseWrite(stream);

        List<YamuxHeader> frames = TakeStreamFrames();

        Assert.Equal([YamuxFlags.Syn, YamuxFlags.None, YamuxFlags.Fin], frames.Select(f => f.Flags));
        Assert.Equal(100_000, frames.Sum(f => f.Length));
        Assert.Equal(0u, frames[2].Length);
        Assert.Equal(0, _probe.Write(stream, 1));
        Session.CloseWrite(stream);
        Assert.Empty(TakeStreamFrames());
    }

    [Fact]
    public void A_fin_waits_for_the_window_and_does_not_overtake_data()
    {
        YamuxStreamState stream = Session.Open(_probe.Now);
        _probe.Write(stream, 262_144);
        TakeStreamFrames();
        _probe.Write(stream, 10);
        Session.CloseWrite(stream);
        Assert.Empty(TakeStreamFrames());

        _probe.Receive(Window(1, 4));
        Assert.Equal([new YamuxHeader(YamuxFrameType.Data, YamuxFlags.None, 1, 4)], TakeStreamFrames());
        _probe.Receive(Window(1, 100));
        Assert.Equal(
            [
                new YamuxHeader(YamuxFrameType.Data, YamuxFlags.None, 1, 6),
                new YamuxHeader(YamuxFrameType.Data, YamuxFlags.Fin, 1, 0),
            ],
            TakeStreamFrames());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stream_is_gone_when_both_sides_have_half_closed(bool weFirst)
    {
        _probe.Receive(Data(2, 0, YamuxFlags.Syn));
        YamuxStreamState stream = _probe.Opened();
        if (weFirst)
        {
            Session.CloseWrite(stream);
            TakeStreamFrames();
            Assert.False(stream.IsGone);
            _probe.Receive(Window(2, 0, YamuxFlags.Fin));
        }
        else
        {
            _probe.Receive(Data(2, 0, YamuxFlags.Fin));
            Assert.Equal([YamuxEffectKind.RemoteClosed], _probe.Kinds);
            Session.CloseWrite(stream);
            Assert.False(stream.IsGone);
            TakeStreamFrames();
        }

        Assert.True(stream.IsGone);
        Assert.Equal(1, Session.StreamCount);
        Session.Release(stream, _probe.Now);
        Assert.Equal(0, Session.StreamCount);
        Assert.Empty(TakeStreamFrames());
    }

    [Fact]
    public void A_released_stream_that_was_half_closed_still_sends_and_drops_what_comes()
    {
        _probe.Receive(Data(2, 3, YamuxFlags.Syn));
        YamuxStreamState stream = _probe.Opened();
        _probe.Write(stream, 50);
        Session.CloseWrite(stream);
        Session.Release(stream, _probe.Now);

        Assert.Equal(
            [
                new YamuxHeader(YamuxFrameType.Data, YamuxFlags.Ack, 2, 50),
                new YamuxHeader(YamuxFrameType.Data, YamuxFlags.Fin, 2, 0),
            ],
            TakeStreamFrames());
        _probe.Receive(Data(2, 5));
        Assert.Empty(_probe.Effects);
        Assert.Equal(1, Session.StreamCount);

        _probe.Receive(Data(2, 0, YamuxFlags.Fin));
        Assert.Equal(0, Session.StreamCount);
    }

    [Fact]
    public void A_released_stream_that_the_peer_does_not_end_is_reset_in_time()
    {
        _probe.Receive(Data(2, 3, YamuxFlags.Syn));
        YamuxStreamState stream = _probe.Opened();
        Session.CloseWrite(stream);
        Session.Release(stream, _probe.Now);
        TakeStreamFrames();

        _probe.Now += YamuxOptions.Default.LingerTimeout;
        _probe.Tick();

        Assert.Contains(_probe.Take(), f => f is { StreamId: 2, Flags: YamuxFlags.Rst });
        Assert.Equal(0, Session.StreamCount);
    }

    [Fact]
    public void A_released_stream_that_is_open_is_reset_at_once()
    {
        _probe.Receive(Data(2, 3, YamuxFlags.Syn));
        YamuxStreamState stream = _probe.Opened();
        _probe.Write(stream, 50);

        Session.Release(stream, _probe.Now);

        Assert.Equal([new YamuxHeader(YamuxFrameType.WindowUpdate, YamuxFlags.Rst, 2, 0)], TakeStreamFrames());
        Assert.Equal(0, Session.Buffered);
        Assert.Equal(0, Session.StreamCount);
    }

    [Fact]
    public void A_reset_before_the_syn_sends_nothing()
    {
        YamuxStreamState stream = Session.Open(_probe.Now);
        _probe.Write(stream, 50);
        Session.Reset(stream);

        Assert.Empty(TakeStreamFrames());
        Assert.True(stream.IsGone);
        Assert.Equal(0, Session.Buffered);
    }

    [Fact]
    public void A_reset_frees_the_send_buffer_though_a_frame_of_it_is_being_written()
    {
        YamuxStreamState stream = Session.Open(_probe.Now);
        _probe.Write(stream, 100_000);
        Assert.True(Session.TryTakeFrame(12, _probe.Now, out _));
        Assert.True(Session.TryTakeFrame(50_000, _probe.Now, out YamuxFrame frame));

        _probe.Receive(Window(1, 0, YamuxFlags.Rst));
        Session.Flushed(stream, frame.BodyLength);

        Assert.Equal(0, Session.Buffered);
        Assert.False(Session.Commit(stream, 0));
    }

    [Fact]
    public void A_ping_is_answered_with_its_value_and_a_strange_answer_is_no_round_trip()
    {
        _probe.Receive(PingFrame(0xFFFF_FFFF));
        List<YamuxHeader> frames = _probe.Take();
        Assert.Equal(new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Syn, 0, 1), frames[0]);
        Assert.Equal(new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Ack, 0, 0xFFFF_FFFF), frames[1]);

        _probe.Now += TimeSpan.FromMilliseconds(30);
        _probe.Receive(PingFrame(2, YamuxFlags.Ack));
        Assert.Null(Session.RoundTripTime);
        _probe.Receive(PingFrame(1, YamuxFlags.Ack));
        Assert.Equal(TimeSpan.FromMilliseconds(30), Session.RoundTripTime);
        _probe.Now += TimeSpan.FromMilliseconds(30);
        _probe.Receive(PingFrame(1, YamuxFlags.Ack));
        Assert.Equal(TimeSpan.FromMilliseconds(30), Session.RoundTripTime);
    }

    [Fact]
    public void A_silent_peer_is_pinged_and_then_dead()
    {
        _probe.Now = TimeSpan.FromSeconds(29.9);
        _probe.Tick();
        Assert.Empty(_probe.Take());

        _probe.Now = TimeSpan.FromSeconds(30);
        _probe.Tick();
        Assert.Equal([new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Syn, 0, 1)], _probe.Take());

        _probe.Now = TimeSpan.FromSeconds(39.9);
        _probe.Tick();
        Assert.Empty(_probe.Effects);
        _probe.Now = TimeSpan.FromSeconds(40);
        _probe.Tick();
        Assert.Equal([YamuxEffectKind.Dead], _probe.Kinds);
    }

    [Fact]
    public void A_peer_that_takes_what_had_to_wait_is_alive_though_its_answer_is_late()
    {
        _probe.Now = TimeSpan.FromSeconds(30);
        _probe.Tick();
        _probe.Take();
        Session.Progressed(TimeSpan.FromSeconds(39));
        _probe.Now = TimeSpan.FromSeconds(48.9);
        _probe.Tick();
        Assert.Empty(_probe.Effects);
        _probe.Now = TimeSpan.FromSeconds(49);
        _probe.Tick();
        Assert.Equal([YamuxEffectKind.Dead], _probe.Kinds);
    }

    [Fact]
    public void A_peer_that_sends_anything_is_alive_though_its_answer_is_late()
    {
        _probe.Now = TimeSpan.FromSeconds(30);
        _probe.Tick();
        _probe.Take();
        _probe.Now = TimeSpan.FromSeconds(35);
        _probe.Receive(Data(2, 100, YamuxFlags.Syn));

        _probe.Now = TimeSpan.FromSeconds(44);
        _probe.Tick();
        Assert.Empty(_probe.Effects);
        _probe.Receive(PingFrame(1, YamuxFlags.Ack));
        _probe.Now = TimeSpan.FromSeconds(55);
        _probe.Tick();
        Assert.Empty(_probe.Effects);
    }

    [Fact]
    public void After_a_goaway_of_the_peer_nothing_is_opened_and_streams_go_on()
    {
        YamuxStreamState stream = Session.Open(_probe.Now);
        _probe.Receive(GoAway(0));

        Assert.Equal([YamuxEffectKind.GoAway], _probe.Kinds);
        Assert.Equal(YamuxOpening.GoingAway, Session.CanOpen);
        Assert.Equal(5, _probe.Write(stream, 5));
        Assert.NotEmpty(TakeStreamFrames());
    }

    [Fact]
    public void Codes_of_go_libp2p_on_a_goaway_are_handed_on()
    {
        _probe.Receive(GoAway(0x1003));
        Assert.Equal(0x1003u, Assert.Single(_probe.Effects).Code);
    }

    [Fact]
    public void Our_goaway_goes_first_and_is_said_once_and_refuses_what_comes()
    {
        YamuxStreamState stream = Session.Open(_probe.Now);
        _probe.Write(stream, 5);
        Session.GoAway(YamuxGoAwayCode.ProtocolError);
        Session.GoAway(YamuxGoAwayCode.Normal);

        List<YamuxHeader> frames = _probe.Take();
        Assert.Equal(new YamuxHeader(YamuxFrameType.GoAway, YamuxFlags.None, 0, 1), frames[1]);
        Assert.Equal(YamuxFrameType.Data, frames[2].Type);
        Assert.Equal(YamuxOpening.Closed, Session.CanOpen);
        _probe.Receive(Data(2, 0, YamuxFlags.Syn));
        Assert.Equal([YamuxEffectKind.Refused], _probe.Kinds);
        Assert.DoesNotContain(_probe.Take(), f => f.Type == YamuxFrameType.GoAway);
    }

    private List<YamuxHeader> TakeStreamFrames() => [.. _probe.Take().Where(f => f.StreamId != 0)];
}
