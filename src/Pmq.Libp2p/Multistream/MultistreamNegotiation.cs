using System.Buffers;
using Pmq.Core.Encoding;

namespace Pmq.Libp2p.Multistream;

/// <summary>
/// One side of a multistream-select negotiation as a pure core: bytes of the peer in, bytes for the peer out. It never
/// consumes a byte after the newline that ends the negotiation.
/// </summary>
internal abstract class MultistreamNegotiation(MultistreamLimits limits)
{
    /// <summary>A length byte, <c>/multistream/1.0.0</c> and a newline.</summary>
    private const int HeaderBytes = 20;

    private static ReadOnlySpan<byte> HeaderToken => "\u0013/multistream/1.0.0\n"u8;

    /// <summary>A length byte and a newline.</summary>
    private const int ShortestToken = 2;

    private bool _headerRead;

    /// <summary>Where it stands.</summary>
    public NegotiationState State { get; private protected set; }

    /// <summary>The protocol that was agreed on; null before <see cref="NegotiationState.Selected"/>.</summary>
    public string? Selected { get; private protected set; }

    /// <summary>What the peer broke; none but in <see cref="NegotiationState.Violated"/>.</summary>
    public MultistreamViolation Violation { get; private set; }

    /// <summary>Bytes that a reader must be able to hold: the longest token with its prefix.</summary>
    public int BufferBytes => Limits.MaxTokenBytes + Varint.MaxLength;

    /// <summary>The limits that hold.</summary>
    protected MultistreamLimits Limits { get; } = limits;

    /// <summary>Writes what this side says before it has heard anything.</summary>
    public abstract void Start(IBufferWriter<byte> output);

    /// <summary>Takes the bytes received so far and not consumed yet, and writes the answers.</summary>
    /// <returns>The bytes consumed: whole tokens only.</returns>
    public int Handle(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        int total = 0;
        if (!_headerRead && !HeaderToken.StartsWith(input[..Math.Min(input.Length, HeaderBytes)]))
        {
            // Refused at its first wrong byte: whoever speaks another protocol does not hold a handshake's slot.
            Violate(MultistreamViolation.MissingHeader);
        }

        while (State == NegotiationState.Running)
        {
            bool whole = MultistreamToken.TryRead(
                input[total..], Limits.MaxTokenBytes, out ReadOnlySpan<byte> token, out int consumed, out var violation);
            if (violation != MultistreamViolation.None)
            {
                Violate(violation);
            }

            if (!whole)
            {
                break;
            }

            total += consumed;
            if (_headerRead)
            {
                HandleToken(token, output);
            }
            else
            {
                _headerRead = true;
                HandleHeader(output);
            }
        }

        return total;
    }

    /// <summary>
    /// How many bytes beyond <paramref name="pending"/> surely belong to the negotiation, at least 1: a reader that cannot
    /// give bytes back asks for no more.
    /// </summary>
    public int BytesNeeded(ReadOnlySpan<byte> pending)
    {
        VarintStatus status = Varint.Read(pending[..Math.Min(pending.Length, Varint.MaxLength)], out ulong length, out int prefix);
        int whole = status == VarintStatus.Done && length <= (ulong)Limits.MaxTokenBytes ? prefix + (int)length
            : _headerRead ? ShortestToken
            : HeaderBytes;
        return Math.Max(1, whole - pending.Length);
    }

    /// <summary>The peer's bytes have ended.</summary>
    public void HandleEnd()
    {
        if (State == NegotiationState.Running)
        {
            Violate(MultistreamViolation.EndOfStream);
        }
    }

    /// <summary>The peer's header has been read.</summary>
    protected abstract void HandleHeader(IBufferWriter<byte> output);

    /// <summary>One token after the header.</summary>
    protected abstract void HandleToken(ReadOnlySpan<byte> token, IBufferWriter<byte> output);

    /// <summary>Ends the negotiation with <paramref name="violation"/>.</summary>
    protected void Violate(MultistreamViolation violation)
    {
        State = NegotiationState.Violated;
        Violation = violation;
    }
}
