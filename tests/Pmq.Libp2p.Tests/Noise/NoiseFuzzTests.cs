using Pmq.Core.Runtime;
using Pmq.Libp2p.Noise;
using Pmq.Testing;

namespace Pmq.Libp2p.Tests.Noise;

[Collection(nameof(AllocationBound))]
public sealed class NoiseFuzzTests
{
    [Fact]
    public void Any_payload_is_parsed_or_refused()
    {
        using var party = new NoiseParty(1);
        byte[] withMuxers = [.. party.Identity.Payload, .. NoisePayload.EncodeMuxers(["/yamux/1.0.0", "/mplex/6.7.0"])];
        ParserFuzz.Run(
            static input =>
            {
                if (NoisePayload.TryDecode(input, out NoisePayload payload))
                {
                    payload.SelectMuxer(["/yamux/1.0.0"], weAreInitiator: true, maxMuxers: 100);
                    payload.SelectMuxer(["/yamux/1.0.0"], weAreInitiator: false, maxMuxers: 100);
                }
            },
            [withMuxers, party.Identity.Payload.ToArray()]);
    }

    [Fact]
    public void Any_second_message_is_refused_but_the_true_one()
    {
        using var alice = new NoiseParty(1);
        byte[] second = new byte[300];
        ParserFuzz.Run(
            input =>
            {
                using NoiseXX initiator = alice.StartRaw();
                Span<byte> message = stackalloc byte[NoiseXX.SecondOverhead];
                initiator.WriteFirst(message);
                input[..Math.Min(input.Length, message.Length)].CopyTo(message);
                Invariant.Check(initiator.ReadSecond(message, out _) != NoiseViolation.None);
            },
            [second],
            runs: 20_000,
            maxLength: 300);
    }

    [Fact]
    public void Any_frame_is_refused_but_the_true_one()
    {
        byte[] key = new byte[32];
        using var sends = new NoiseCipher(key);
        byte[] frame = [.. "some bytes of a stream"u8, .. new byte[NoiseCipher.TagLength]];
        sends.TryEncrypt(frame, frame.Length - NoiseCipher.TagLength);
        var buffer = new byte[4096];
        ParserFuzz.Run(
            input =>
            {
                using var receives = new NoiseCipher(key);
                Span<byte> message = buffer.AsSpan(0, input.Length);
                input.CopyTo(message);
                NoiseViolation violation = receives.Decrypt(message);
                Invariant.Check(input.SequenceEqual(frame) == (violation == NoiseViolation.None));
                Invariant.Check((violation != NoiseViolation.None) == receives.IsPoisoned);
            },
            [frame]);
    }

    [Fact]
    public void Any_bytes_are_cut_into_frames_as_their_lengths_say()
    {
        ParserFuzz.Run(
            static input =>
            {
                using var received = new NoiseReceiveBuffer();
                int position = 0;
                for (int i = 0; i < input.Length; i += 7)
                {
                    received.Append(input.Slice(i, Math.Min(7, input.Length - i)));
                    while (received.TryTake(out Memory<byte> body))
                    {
                        position += NoiseFrame.PrefixLength + body.Length;
                        Invariant.Check(position <= input.Length);
                        Invariant.Check(body.Length == NoiseFrame.ReadPrefix(input[(position - body.Length - 2)..]));
                    }
                }

                Invariant.Check(input.Length == position + received.Length);
            },
            [[0, 0, 0, 1, 9, 0, 2, 8, 8], [0, 17, .. new byte[17], 0, 3, 1, 2, 3]]);
    }
}

/// <summary>
/// Tests that measure allocation run alone: others would take the arrays of the shared pool from them.
/// </summary>
[CollectionDefinition(nameof(AllocationBound), DisableParallelization = true)]
public sealed class AllocationBound;
