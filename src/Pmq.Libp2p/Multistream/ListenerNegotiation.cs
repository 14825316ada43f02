using System.Buffers;
using System.Text;

namespace Pmq.Libp2p.Multistream;

/// <summary>
/// The side that answers: the header with the header, a served protocol with itself, anything else with <c>na</c>.
/// </summary>
/// <remarks><b>Deviations</b>: <c>ls</c> is answered with <c>na</c>; identify tells what we serve.</remarks>
internal sealed class ListenerNegotiation(Func<string, bool> serves, MultistreamLimits limits)
    : MultistreamNegotiation(limits)
{
    private int _proposals;

    /// <summary>Writes nothing: our header goes out with the answer to the first proposal, in one segment.</summary>
    public override void Start(IBufferWriter<byte> output)
    {
    }

    /// <inheritdoc />
    protected override void HandleHeader(IBufferWriter<byte> output) =>
        MultistreamToken.Write(output, MultistreamToken.Header);

    /// <inheritdoc />
    protected override void HandleToken(ReadOnlySpan<byte> token, IBufferWriter<byte> output)
    {
        if (_proposals == Limits.MaxProposals)
        {
            Violate(MultistreamViolation.TooManyProposals);
            return;
        }

        _proposals++;

        // Text that is not UTF-8 decodes to replacement characters, which no protocol of ours has.
        string proposal = Encoding.UTF8.GetString(token);
        if (!serves(proposal))
        {
            MultistreamToken.Write(output, MultistreamToken.NotAvailable);
            return;
        }

        MultistreamToken.Write(output, proposal);
        Selected = proposal;
        State = NegotiationState.Selected;
    }
}
