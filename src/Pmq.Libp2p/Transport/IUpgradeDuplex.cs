namespace Pmq.Libp2p.Transport;

/// <summary>
/// The bytes over which the next protocol of an upgrade is negotiated: the raw transport, or Noise frames.
/// One read and one write at a time.
/// </summary>
internal interface IUpgradeDuplex
{
    /// <summary>Reads at least one byte into <paramref name="buffer"/>, which is not empty; 0 at the end.</summary>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Writes all of <paramref name="data"/>.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);
}
