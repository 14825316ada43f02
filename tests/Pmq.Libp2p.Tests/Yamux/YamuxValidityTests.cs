using Pmq.Core.Hosting;
using Pmq.Libp2p.Yamux;
using static Pmq.Libp2p.Tests.Yamux.YamuxFrames;

namespace Pmq.Libp2p.Tests.Yamux;

/// <summary>What a peer may not do, and what it may though it looks odd.</summary>
public sealed class YamuxValidityTests
{
    private readonly SessionProbe _probe = new(isDialer: true);

    [Fact]
    public void Every_violation_ends_the_connection_with_a_protocol_error()
    {
        foreach (YamuxViolation violation in Enum.GetValues<YamuxViolation>())
        {
            (YamuxGoAwayCode goAway, CloseKind close) = YamuxViolations.ConsequenceOf(violation);
            Assert.Equal(YamuxGoAwayCode.ProtocolError, goAway);
            Assert.True(close is CloseKind.ProtocolViolation or CloseKind.LimitExceeded);
        }
    }

    [Fact]
    public void An_unknown_version_is_refused() =>
        Assert.Equal(YamuxViolation.UnknownVersion, _probe.Receive([1, .. Data(2, 0)[1..]]));

    [Fact]
    public void An_unknown_type_is_refused() =>
        Assert.Equal(YamuxViolation.UnknownFrameType, _probe.Receive(Frame((YamuxFrameType)4, YamuxFlags.None, 0, 0)));

    [Theory]
    [InlineData(YamuxFrameType.Data)]
    [InlineData(YamuxFrameType.WindowUpdate)]
    public void A_stream_frame_without_stream_is_refused(object type) =>
        Assert.Equal(
            YamuxViolation.StreamIdMissing, _probe.Receive(Frame((YamuxFrameType)type, YamuxFlags.Syn, 0, 0)));

    [Theory]
    [InlineData(YamuxFrameType.Ping)]
    [InlineData(YamuxFrameType.GoAway)]
    public void A_session_frame_with_a_stream_is_refused(object type) =>
        Assert.Equal(
            YamuxViolation.StreamIdOnSessionFrame, _probe.Receive(Frame((YamuxFrameType)type, YamuxFlags.Syn, 2, 0)));

    [Theory]
    [InlineData(true, 1u)]
    [InlineData(true, 0x80000001u)]
    [InlineData(false, 2u)]
    [InlineData(false, 0xFFFFFFFEu)]
    public void A_syn_with_an_id_of_ours_is_refused(bool weDialed, uint id) =>
        Assert.Equal(
            YamuxViolation.WrongParity, new SessionProbe(weDialed).Receive(Window(id, 0, YamuxFlags.Syn)));

    [Theory]
    [InlineData(2u)]
    [InlineData(0x80000000u)]
    [InlineData(0xFFFFFFFEu)]
    public void Ids_are_unsigned(uint id)
    {
        Assert.Equal(YamuxViolation.None, _probe.Receive(Data(id, 3, YamuxFlags.Syn)));
        Assert.Equal(id, _probe.Opened().Id);
    }

    [Fact]
    public void A_second_syn_for_an_open_stream_is_refused() =>
        Assert.Equal(
            YamuxViolation.DuplicateSyn, _probe.Receive(Data(2, 0, YamuxFlags.Syn), Data(2, 0, YamuxFlags.Syn)));

    // CVE-2026-32314 (GHSA-vxx9-2994-q338).
    [Fact]
    public void A_first_frame_beyond_the_initial_window_is_refused_before_there_is_a_stream()
    {
        Assert.Equal(
            YamuxViolation.WindowExceeded, _probe.Receive(Frame(YamuxFrameType.Data, YamuxFlags.Syn, 2, 262145)));
        Assert.Equal(0, _probe.Session.StreamCount);
    }

    [Fact]
    public void A_first_frame_that_fills_the_initial_window_is_taken_and_one_byte_more_refused()
    {
        Assert.Equal(YamuxViolation.None, _probe.Receive(Data(2, 262144, YamuxFlags.Syn)));
        Assert.Equal(262144, _probe.Opened().Unread);
        Assert.Equal(YamuxViolation.WindowExceeded, _probe.Receive(Data(2, 1)));
    }

    [Fact]
    public void Data_beyond_the_window_is_refused_though_the_body_has_not_come() =>
        Assert.Equal(
            YamuxViolation.WindowExceeded,
            _probe.Receive(Data(2, 200_000, YamuxFlags.Syn), Frame(YamuxFrameType.Data, YamuxFlags.None, 2, 62_145)));

    // CVE-2026-31814 (GHSA-4w32-2493-32g7).
    [Fact]
    public void Credit_beyond_32_bits_is_refused_without_overflow()
    {
        Assert.Equal(YamuxViolation.None, _probe.Receive(Window(2, uint.MaxValue - 262144, YamuxFlags.Syn)));
        Assert.Equal(uint.MaxValue, _probe.Opened().SendWindow);
        Assert.Equal(YamuxViolation.WindowOverflow, _probe.Receive(Window(2, 1)));
    }

    [Fact]
    public void Credit_on_the_syn_itself_may_not_overflow_either() =>
        Assert.Equal(YamuxViolation.WindowOverflow, _probe.Receive(Window(2, uint.MaxValue, YamuxFlags.Syn)));

    [Fact]
    public void The_error_code_on_a_reset_is_no_credit()
    {
        _probe.Receive(Data(2, 0, YamuxFlags.Syn));
        YamuxStreamState stream = _probe.Opened();

        Assert.Equal(YamuxViolation.None, _probe.Receive(Window(2, uint.MaxValue, YamuxFlags.Rst)));

        Assert.Equal([YamuxEffectKind.Reset], _probe.Kinds);
        Assert.Equal(262144, stream.SendWindow);
    }

    [Fact]
    public void A_body_of_an_unknown_stream_is_drained_whatever_its_length_and_never_answered()
    {
        _probe.Receive(Frame(YamuxFrameType.Data, YamuxFlags.None, 4, uint.MaxValue));
        var megabyte = new byte[1 << 20];
        long drained = 0;
        for (; drained + megabyte.Length <= uint.MaxValue; drained += megabyte.Length)
        {
            Assert.Equal(YamuxViolation.None, _probe.Receive(megabyte));
            Assert.Empty(_probe.Effects);
        }

        byte[] rest = new byte[uint.MaxValue - drained];
        Assert.Equal(YamuxViolation.None, _probe.Receive(rest, Data(2, 1, YamuxFlags.Syn)));
        Assert.Equal([YamuxEffectKind.Opened, YamuxEffectKind.Data], _probe.Kinds);
        Assert.DoesNotContain(_probe.Take(), f => f.StreamId == 4);
    }

    [Fact]
    public void Frames_of_unknown_streams_are_counted_and_ignored()
    {
        Assert.Equal(
            YamuxViolation.None,
            _probe.Receive(
                Window(8, 5),
                Window(1, 5),
                Window(8, 0, YamuxFlags.Rst),
                Data(8, 100, YamuxFlags.Fin),
                Window(8, 0, YamuxFlags.Ack)));
        Assert.Empty(_probe.Effects);
        Assert.Equal(5, _probe.Session.IgnoredFrames);
        Assert.Empty(_probe.Take());
    }

    [Fact]
    public void A_stream_that_is_opened_and_reset_in_one_frame_never_was() =>
        Assert.Multiple(
            () => Assert.Equal(YamuxViolation.None, _probe.Receive(Window(2, 7, YamuxFlags.Syn | YamuxFlags.Rst))),
            () => Assert.Equal(0, _probe.Session.StreamCount));

    [Fact]
    public void Data_behind_a_fin_is_dropped_but_counts_against_the_window()
    {
        _probe.Receive(Data(2, 5, YamuxFlags.Syn | YamuxFlags.Fin));
        YamuxStreamState stream = _probe.Opened();

        Assert.Equal(YamuxViolation.None, _probe.Receive(Data(2, 10)));
        Assert.Empty(_probe.Effects);
        Assert.Equal(5, stream.Unread);
        Assert.Equal(YamuxViolation.WindowExceeded, _probe.Receive(Data(2, 262144 - 14)));
    }

    [Fact]
    public void More_pings_than_the_limit_end_the_connection_and_time_refills_it()
    {
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(YamuxViolation.None, _probe.Receive(PingFrame((uint)i)));
        }

        _probe.Now += TimeSpan.FromSeconds(1);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(YamuxViolation.None, _probe.Receive(PingFrame((uint)i)));
        }

        Assert.Equal(YamuxViolation.PingFlood, _probe.Receive(PingFrame(0)));
    }

    // CVE-2024-32984.
    [Fact]
    public void Answers_that_the_peer_does_not_read_are_bounded()
    {
        var probe = new SessionProbe(isDialer: true, new YamuxOptions { MaxInboundStreams = 1 });
        probe.Receive(Data(2, 0, YamuxFlags.Syn));
        for (uint i = 0; i < 256; i++)
        {
            Assert.Equal(YamuxViolation.None, probe.Receive(Data(4 + (2 * i), 0, YamuxFlags.Syn)));
            Assert.Equal([YamuxEffectKind.Refused], probe.Kinds);
        }

        Assert.Equal(YamuxViolation.OwedControlOverflow, probe.Receive(Data(2000, 0, YamuxFlags.Syn)));
        Assert.Equal(256, probe.Take().Count(f => f.Flags == YamuxFlags.Rst));
    }

    [Fact]
    public void Streams_opened_and_reset_in_turn_pile_up_nothing_while_we_cannot_send()
    {
        for (uint i = 0; i < 100_000; i++)
        {
            Assert.Equal(YamuxViolation.None, _probe.Receive(Data(2 + (2 * i), 0, YamuxFlags.Syn)));
            YamuxStreamState stream = _probe.Opened();
            Assert.Equal(YamuxViolation.None, _probe.Receive(Window(stream.Id, 0, YamuxFlags.Rst)));
            _probe.Session.Release(stream, _probe.Now);
        }

        Assert.Equal(0, _probe.Session.StreamCount);
        Assert.True(_probe.Session.QueuedStreams < 256, $"{_probe.Session.QueuedStreams} streams wait to be framed.");
    }

    [Fact]
    public void A_stream_counts_until_the_application_has_released_it()
    {
        var probe = new SessionProbe(isDialer: true, new YamuxOptions { MaxInboundStreams = 1 });
        probe.Receive(Data(2, 0, YamuxFlags.Syn));
        YamuxStreamState stream = probe.Opened();
        probe.Session.Accept(stream);
        probe.Receive(Window(2, 0, YamuxFlags.Rst));

        probe.Receive(Data(4, 0, YamuxFlags.Syn));
        Assert.Equal([YamuxEffectKind.Refused], probe.Kinds);

        probe.Session.Release(stream, probe.Now);
        probe.Receive(Data(6, 0, YamuxFlags.Syn));
        Assert.Equal([YamuxEffectKind.Opened], probe.Kinds);
    }

    // CVE-2022-23492, CVE-2022-23486, CVE-2022-23487: streams that nobody has accepted yet.
    [Fact]
    public void A_full_accept_backlog_refuses_until_somebody_accepts()
    {
        var probe = new SessionProbe(isDialer: true, new YamuxOptions { AcceptBacklog = 1 });
        probe.Receive(Data(2, 0, YamuxFlags.Syn));
        YamuxStreamState first = probe.Opened();
        probe.Receive(Data(4, 9, YamuxFlags.Syn));
        Assert.Equal([YamuxEffectKind.Refused], probe.Kinds);
        Assert.Contains(probe.Take(), f => f is { StreamId: 4, Flags: YamuxFlags.Rst });

        probe.Session.Accept(first);
        probe.Receive(Data(6, 0, YamuxFlags.Syn));
        Assert.Equal([YamuxEffectKind.Opened], probe.Kinds);
    }

    [Fact]
    public void Bytes_may_be_cut_anywhere()
    {
        byte[] bytes =
            [.. Data(2, 300, YamuxFlags.Syn), .. Window(2, 10), .. PingFrame(3), .. Data(2, 7, YamuxFlags.Fin)];
        foreach (byte one in bytes)
        {
            Assert.Equal(YamuxViolation.None, _probe.Session.Receive([one], _probe.Now, []));
        }

        YamuxStreamState stream = Assert.Single(_probe.Session.Streams);
        Assert.Equal(307, stream.Unread);
        Assert.Equal(262154, stream.SendWindow);
        Assert.True(stream.RemoteClosed);
    }
}
