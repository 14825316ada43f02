using System.Buffers;
using Pmq.Libp2p.Transport;

namespace Pmq.Libp2p.Multistream;

/// <summary>Runs a negotiation on a transport connection or on a secured channel, before there are streams.</summary>
internal static class MultistreamUpgrade
{
    private const int ReadBytes = 2048;

    /// <summary>
    /// Negotiates on a raw transport. It reads what comes and hands on what lies behind the negotiation, so that a whole
    /// exchange takes one receive.
    /// </summary>
    /// <param name="transport">The connection.</param>
    /// <param name="negotiation">Our side of it.</param>
    /// <param name="behind">Sent with our first tokens: the first message of the protocol that we expect to be agreed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The transport broke.</exception>
    public static ValueTask<MultistreamResult> RunAsync(
        ITransportConnection transport,
        MultistreamNegotiation negotiation,
        ReadOnlyMemory<byte> behind,
        CancellationToken cancellationToken) =>
        RunAsync(new RawDuplex(transport), negotiation, behind, exact: false, cancellationToken);

    /// <summary>Negotiates on a duplex that cannot take bytes back: never reads beyond the negotiation.</summary>
    /// <exception cref="IOException">The transport broke.</exception>
    public static ValueTask<MultistreamResult> RunAsync(
        IUpgradeDuplex duplex, MultistreamNegotiation negotiation, CancellationToken cancellationToken) =>
        RunAsync(duplex, negotiation, ReadOnlyMemory<byte>.Empty, exact: true, cancellationToken);

    private static async ValueTask<MultistreamResult> RunAsync<T>(
        T duplex,
        MultistreamNegotiation negotiation,
        ReadOnlyMemory<byte> behind,
        bool exact,
        CancellationToken cancellationToken)
        where T : IUpgradeDuplex
    {
        // What is pending never fills the buffer: a token that does not fit into its limit is a violation before that.
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(ReadBytes, negotiation.BufferBytes));
        try
        {
            var output = new ArrayBufferWriter<byte>(128);
            negotiation.Start(output);
            output.Write(behind.Span);
            int pending = 0;
            while (true)
            {
                if (output.WrittenCount > 0)
                {
                    await duplex.WriteAsync(output.WrittenMemory, cancellationToken);
                    output.ResetWrittenCount();
                }

                if (negotiation.State != NegotiationState.Running)
                {
                    return new MultistreamResult(
                        negotiation.State, negotiation.Selected, negotiation.Violation, buffer.AsSpan(0, pending).ToArray());
                }

                int wanted = exact ? negotiation.BytesNeeded(buffer.AsSpan(0, pending)) : buffer.Length - pending;
                int read = await duplex.ReadAsync(buffer.AsMemory(pending, wanted), cancellationToken);
                if (read == 0)
                {
                    negotiation.HandleEnd();
                    continue;
                }

                pending += read;
                int consumed = negotiation.Handle(buffer.AsSpan(0, pending), output);
                buffer.AsSpan(consumed, pending - consumed).CopyTo(buffer);
                pending -= consumed;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private readonly struct RawDuplex(ITransportConnection transport) : IUpgradeDuplex
    {
        public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
            transport.ReceiveAsync(buffer, cancellationToken);

        public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
            transport.SendAsync(data, cancellationToken);
    }
}
