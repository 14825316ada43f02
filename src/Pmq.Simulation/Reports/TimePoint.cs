namespace Pmq.Simulation.Reports;

/// <summary>What was measured of one interval of simulated time; messages count where they were published.</summary>
/// <param name="Second">The begin of the interval, in simulated seconds.</param>
/// <param name="DeliveryRate">Deliveries to those that were to get them: 0 to 1; NaN when nothing was published.</param>
/// <param name="P50">Half were delivered within; null when nothing was delivered.</param>
/// <param name="P99">99 of 100 were delivered within; null when nothing was delivered.</param>
/// <param name="Max">The last was delivered after; null when nothing was delivered.</param>
/// <param name="HonestShare">Honest peers in the meshes of honest nodes: 0 to 1; NaN when no mesh had a peer.</param>
/// <param name="BytesPerPayloadByte">
/// Bytes that honest nodes received, to the payload bytes that were delivered; NaN when nothing was delivered.
/// </param>
public readonly record struct TimePoint(
    double Second,
    double DeliveryRate,
    TimeSpan? P50,
    TimeSpan? P99,
    TimeSpan? Max,
    double HonestShare,
    double BytesPerPayloadByte);
