using System.Buffers;
using System.Text;

namespace Pmq.Libp2p.Multistream;

/// <summary>The side that proposes: header and first proposal leave together, the next proposal after each <c>na</c>.</summary>
internal sealed class DialerNegotiation : MultistreamNegotiation
{
    private readonly IReadOnlyList<string> _protocols;
    private int _proposed;

    /// <summary>Will propose <paramref name="protocols"/>, most wanted first.</summary>
    public DialerNegotiation(IReadOnlyList<string> protocols, MultistreamLimits limits)
        : base(limits)
    {
        ArgumentOutOfRangeException.ThrowIfZero(protocols.Count);
        _protocols = protocols;
    }

    /// <summary>Writes the header and the first proposal.</summary>
    public override void Start(IBufferWriter<byte> output)
    {
        MultistreamToken.Write(output, MultistreamToken.Header);
        MultistreamToken.Write(output, _protocols[0]);
    }

    /// <inheritdoc />
    protected override void HandleHeader(IBufferWriter<byte> output)
    {
    }

    /// <inheritdoc />
    protected override void HandleToken(ReadOnlySpan<byte> token, IBufferWriter<byte> output)
    {
        if (token.SequenceEqual("na"u8))
        {
            _proposed++;
            if (_proposed == _protocols.Count)
            {
                State = NegotiationState.NotSupported;
                return;
            }

            MultistreamToken.Write(output, _protocols[_proposed]);
            return;
        }

        if (!Matches(token, _protocols[_proposed]))
        {
            Violate(MultistreamViolation.UnexpectedAnswer);
            return;
        }

        Selected = _protocols[_proposed];
        State = NegotiationState.Selected;
    }

    private static bool Matches(ReadOnlySpan<byte> token, string protocol)
    {
        Span<byte> expected = stackalloc byte[256];
        return Encoding.UTF8.TryGetBytes(protocol, expected, out int written)
            ? token.SequenceEqual(expected[..written])
            : token.SequenceEqual(Encoding.UTF8.GetBytes(protocol));
    }
}
