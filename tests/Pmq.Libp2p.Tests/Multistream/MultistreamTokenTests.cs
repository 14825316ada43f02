using System.Buffers;
using System.Text;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Multistream;
using Pmq.Testing;

namespace Pmq.Libp2p.Tests.Multistream;

public sealed class MultistreamTokenTests
{
    [Fact]
    public void The_header_is_the_twenty_bytes_of_the_specification()
    {
        Assert.Equal(
            "132f6d756c746973747265616d2f312e302e300a",
            Convert.ToHexStringLower(Encode(MultistreamToken.Header)));
        Assert.Equal("036e610a", Convert.ToHexStringLower(Encode(MultistreamToken.NotAvailable)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/noise")]
    [InlineData("/ipfs/id/1.0.0")]
    public void What_is_written_is_read_and_nothing_behind_it_is_touched(string text)
    {
        byte[] encoded = [.. Encode(text), 1, 2, 3];
        bool whole = MultistreamToken.TryRead(encoded, 1024, out var token, out int consumed, out var violation);
        Assert.True(whole);
        Assert.Equal(MultistreamViolation.None, violation);
        Assert.Equal(text, Encoding.UTF8.GetString(token));
        Assert.Equal(encoded.Length - 3, consumed);
        Assert.Equal(MultistreamToken.SizeOf(text), consumed);
    }

    [Fact]
    public void Every_proper_prefix_of_a_token_needs_more_bytes()
    {
        byte[] encoded = Encode(new string('x', 300));
        for (int length = 0; length < encoded.Length; length++)
        {
            Assert.False(MultistreamToken.TryRead(encoded.AsSpan(0, length), 1024, out _, out int consumed, out var violation));
            Assert.Equal(MultistreamViolation.None, violation);
            Assert.Equal(0, consumed);
        }
    }

    [Theory]
    [InlineData("00", nameof(MultistreamViolation.EmptyToken))]
    [InlineData("0261", nameof(MultistreamViolation.None))]
    [InlineData("026162", nameof(MultistreamViolation.MissingNewline))]
    [InlineData("8000", nameof(MultistreamViolation.MalformedLength))]
    [InlineData("ffffffffffffffffff01", nameof(MultistreamViolation.MalformedLength))]
    [InlineData("8108", nameof(MultistreamViolation.TokenTooLong))]
    [InlineData("ffffffffffffffff7f", nameof(MultistreamViolation.TokenTooLong))]
    public void A_broken_token_has_a_name(string hex, string expected)
    {
        Assert.False(MultistreamToken.TryRead(Convert.FromHexString(hex), 1024, out _, out _, out var violation));
        Assert.Equal(expected, violation.ToString());
    }

    [Fact]
    public void A_token_of_1024_bytes_passes_and_one_of_1025_does_not()
    {
        Assert.True(MultistreamToken.TryRead(Encode(new string('x', 1023)), 1024, out _, out _, out _));
        Assert.False(MultistreamToken.TryRead(Encode(new string('x', 1024)), 1024, out _, out _, out var violation));
        Assert.Equal(MultistreamViolation.TokenTooLong, violation);
    }

    [Fact]
    public void Any_bytes_give_an_answer_or_a_violation_to_both_sides()
    {
        var output = new ArrayBufferWriter<byte>(4096);
        ParserFuzz.Run(
            input =>
            {
                output.ResetWrittenCount();
                Drive(new ListenerNegotiation(static text => text == "/b", MultistreamLimits.Default), input, output);
                output.ResetWrittenCount();
                Drive(new DialerNegotiation(["/a", "/b"], MultistreamLimits.Default), input, output);
            },
            [
                [.. Encode(MultistreamToken.Header), .. Encode("/a"), .. Encode("/b"), 9, 9],
                [.. Encode(MultistreamToken.Header), .. Encode("na"), .. Encode("na")],
                [.. Encode(MultistreamToken.Header), .. Encode("ls"), .. Encode(new string('y', 200))],
            ]);
    }

    private static void Drive(MultistreamNegotiation negotiation, ReadOnlySpan<byte> input, ArrayBufferWriter<byte> output)
    {
        int consumed = negotiation.Handle(input, output);
        int needed = negotiation.BytesNeeded(input[consumed..]);
        negotiation.HandleEnd();

        // Not by Assert, which allocates.
        Invariant.Check(consumed >= 0 && consumed <= input.Length);
        Invariant.Check(needed >= 1 && needed <= negotiation.BufferBytes);
        Invariant.Check(negotiation.State != NegotiationState.Running);
        Invariant.Check(negotiation.State == NegotiationState.Violated == (negotiation.Violation != MultistreamViolation.None));
        Invariant.Check(negotiation.State == NegotiationState.Selected == negotiation.Selected is not null);
    }

    internal static byte[] Encode(string text)
    {
        var output = new ArrayBufferWriter<byte>();
        MultistreamToken.Write(output, text);
        return output.WrittenSpan.ToArray();
    }
}
