using System.Buffers;
using Pmq.Libp2p.Multistream;

namespace Pmq.Libp2p.Tests.Multistream;

public sealed class MultistreamNegotiationTests
{
    private readonly ArrayBufferWriter<byte> _output = new();

    [Fact]
    public void Dialer_sends_header_and_first_proposal_together()
    {
        var dialer = new DialerNegotiation(["/noise", "/other"], MultistreamLimits.Default);
        dialer.Start(_output);
        Assert.Equal(Tokens("/multistream/1.0.0", "/noise"), Written());
    }

    [Fact]
    public void Dialer_selects_what_is_echoed_and_leaves_the_next_protocols_bytes()
    {
        var dialer = new DialerNegotiation(["/noise"], MultistreamLimits.Default);
        int consumed = dialer.Handle([.. Tokens("/multistream/1.0.0", "/noise"), 0xAA, 0xBB], _output);
        Assert.Equal(NegotiationState.Selected, dialer.State);
        Assert.Equal("/noise", dialer.Selected);
        Assert.Equal(28, consumed);
        Assert.Empty(Written());
    }

    [Fact]
    public void Dialer_proposes_the_next_after_na_and_gives_up_after_the_last()
    {
        var dialer = new DialerNegotiation(["/a", "/b"], MultistreamLimits.Default);
        dialer.Handle(Tokens("/multistream/1.0.0", "na"), _output);
        Assert.Equal(Tokens("/b"), Written());
        dialer.Handle(Tokens("na"), _output);
        Assert.Equal(NegotiationState.NotSupported, dialer.State);
    }

    [Fact]
    public void Dialer_refuses_an_answer_that_it_did_not_propose()
    {
        var dialer = new DialerNegotiation(["/a", "/b"], MultistreamLimits.Default);
        dialer.Handle(Tokens("/multistream/1.0.0", "/b"), _output);
        Assert.Equal(MultistreamViolation.UnexpectedAnswer, dialer.Violation);
    }

    [Fact]
    public void Listener_answers_header_and_proposal_in_one_output()
    {
        var listener = Listener("/noise");
        listener.Handle(Tokens("/multistream/1.0.0", "/noise"), _output);
        Assert.Equal("/noise", listener.Selected);
        Assert.Equal(Tokens("/multistream/1.0.0", "/noise"), Written());
    }

    [Fact]
    public void Listener_says_na_to_an_unknown_first_protocol_and_goes_on()
    {
        var listener = Listener("/noise");
        listener.Handle(Tokens("/multistream/1.0.0", "/tls/1.0.0"), _output);
        Assert.Equal(NegotiationState.Running, listener.State);
        listener.Handle(Tokens("/noise"), _output);
        Assert.Equal("/noise", listener.Selected);
        Assert.Equal(Tokens("/multistream/1.0.0", "na", "/noise"), Written());
    }

    [Fact]
    public void Listener_refuses_ls()
    {
        var listener = Listener("/noise");
        listener.Handle(Tokens("/multistream/1.0.0", "ls"), _output);
        Assert.Equal(NegotiationState.Running, listener.State);
        Assert.Equal(Tokens("/multistream/1.0.0", "na"), Written());
    }

    [Fact]
    public void Listener_answers_32_proposals_and_refuses_the_33rd()
    {
        var listener = Listener("/z");
        listener.Handle(Tokens("/multistream/1.0.0"), _output);
        for (int i = 0; i < 32; i++)
        {
            listener.Handle(Tokens($"/{i}"), _output);
            Assert.Equal(NegotiationState.Running, listener.State);
        }

        listener.Handle(Tokens("/z"), _output);
        Assert.Equal(MultistreamViolation.TooManyProposals, listener.Violation);
    }

    [Fact]
    public void Both_sides_refuse_a_first_token_that_is_not_the_header()
    {
        var listener = Listener("/noise");
        listener.Handle(Tokens("/noise"), _output);
        Assert.Equal(MultistreamViolation.MissingHeader, listener.Violation);

        var dialer = new DialerNegotiation(["/noise"], MultistreamLimits.Default);
        dialer.Handle(Tokens("na"), _output);
        Assert.Equal(MultistreamViolation.MissingHeader, dialer.Violation);
    }

    [Fact]
    public void Another_protocol_is_refused_at_its_first_wrong_byte()
    {
        var listener = Listener("/noise");
        Assert.Equal(0, listener.Handle([0x13], _output));
        Assert.Equal(NegotiationState.Running, listener.State);
        listener.Handle([0x13, (byte)'G'], _output);
        Assert.Equal(MultistreamViolation.MissingHeader, listener.Violation);
    }

    [Fact]
    public void The_end_of_the_bytes_in_mid_negotiation_is_a_violation_and_after_it_none()
    {
        var listener = Listener("/noise");
        listener.HandleEnd();
        Assert.Equal(MultistreamViolation.EndOfStream, listener.Violation);

        var done = Listener("/noise");
        done.Handle(Tokens("/multistream/1.0.0", "/noise"), _output);
        done.HandleEnd();
        Assert.Equal(NegotiationState.Selected, done.State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Both_sides_agree_however_the_bytes_are_cut(int cut)
    {
        var dialer = new DialerNegotiation(["/tls/1.0.0", "/x", "/noise"], MultistreamLimits.Default);
        var listener = Listener("/noise");
        var toListener = new List<byte>();
        var toDialer = new List<byte>();
        dialer.Start(_output);
        toListener.AddRange(Take());
        for (int round = 0; round < 2000 && listener.State == NegotiationState.Running; round++)
        {
            toDialer.AddRange(Move(listener, toListener, cut));
            toListener.AddRange(Move(dialer, toDialer, cut));
        }

        while (dialer.State == NegotiationState.Running)
        {
            Move(dialer, toDialer, cut);
        }

        Assert.Equal(("/noise", "/noise"), (dialer.Selected, listener.Selected));
        Assert.Empty(toListener);
        Assert.Empty(toDialer);
    }

    [Fact]
    public void A_reader_that_asks_for_what_is_needed_never_reads_beyond_the_negotiation()
    {
        byte[] bytes = [.. Tokens("/multistream/1.0.0", "/tls/1.0.0", "/x", "/noise"), 1, 2, 3, 4, 5, 6];
        var listener = Listener("/noise");
        int read = 0;
        int taken = 0;
        while (listener.State == NegotiationState.Running)
        {
            read += listener.BytesNeeded(bytes.AsSpan(taken, read - taken));
            taken += listener.Handle(bytes.AsSpan(taken, read - taken), _output);
        }

        Assert.Equal(bytes.Length - 6, read);
        Assert.Equal(read, taken);
    }

    private static byte[] Tokens(params string[] texts) => [.. texts.SelectMany(MultistreamTokenTests.Encode)];

    private static ListenerNegotiation Listener(string served) => new(text => text == served, MultistreamLimits.Default);

    private byte[] Written() => _output.WrittenSpan.ToArray().Length == 0 ? [] : Take();

    private byte[] Take()
    {
        byte[] bytes = _output.WrittenSpan.ToArray();
        _output.ResetWrittenCount();
        return bytes;
    }

    /// <summary>Shows one side its next bytes, as many as <paramref name="cut"/> more at a time.</summary>
    private byte[] Move(MultistreamNegotiation side, List<byte> pending, int cut)
    {
        for (int shown = Math.Min(cut, pending.Count); pending.Count > 0 && side.State == NegotiationState.Running;)
        {
            int consumed = side.Handle(pending.ToArray().AsSpan(0, shown), _output);
            pending.RemoveRange(0, consumed);
            if (consumed == 0 && shown == pending.Count)
            {
                break;
            }

            shown = Math.Min(pending.Count, shown - consumed + cut);
        }

        return Take();
    }
}
