namespace Pmq.Simulation.Measuring;

/// <summary>A stretch of a run in one row; messages belong to the stretch in which they were published.</summary>
/// <param name="From">Its begin.</param>
/// <param name="Until">Its end.</param>
/// <param name="Published">Messages that honest nodes published.</param>
/// <param name="Expected">Deliveries of them that were due.</param>
/// <param name="Delivered">Those that were made.</param>
/// <param name="Latency">From publication to delivery.</param>
/// <param name="BytesPerPayloadByte">Bytes that honest nodes received for each byte of payload delivered.</param>
/// <param name="CopiesPerDelivery">Copies of messages that honest nodes received for each delivery.</param>
/// <param name="HonestMeshShare">The least honest part of the meshes at the end of a sample.</param>
/// <param name="FinalHonestMeshShare">The same at the end of the last sample.</param>
public sealed record Summary(
    TimeSpan From,
    TimeSpan Until,
    long Published,
    long Expected,
    long Delivered,
    LatencyHistogram Latency,
    double BytesPerPayloadByte,
    double CopiesPerDelivery,
    double HonestMeshShare,
    double FinalHonestMeshShare)
{
    /// <summary>Deliveries that were due and were not made.</summary>
    public long Lost => Expected - Delivered;

    /// <summary>The delivered part of what was due; 1 when nothing was.</summary>
    public double DeliveryRate => Expected == 0 ? 1 : (double)Delivered / Expected;

    /// <summary>The median latency.</summary>
    public TimeSpan P50 => Latency.Percentile(0.5);

    /// <summary>The latency that one delivery in a hundred exceeds.</summary>
    public TimeSpan P99 => Latency.Percentile(0.99);

    /// <summary>The longest latency.</summary>
    public TimeSpan Max => Latency.Max;
}
