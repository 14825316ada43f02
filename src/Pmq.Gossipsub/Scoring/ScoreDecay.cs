namespace Pmq.Gossipsub.Scoring;

/// <summary>
/// Decays from times. A type without fields: the defaults of both option records are made by it, and neither's static
/// initialisation may wait for the other's.
/// </summary>
internal static class ScoreDecay
{
    public static double Over(TimeSpan period, TimeSpan interval, double toZero) =>
        Math.Pow(toZero, interval / period);

    /// <summary>To 1 % in so many minutes, at one decay a second.</summary>
    public static double OverMinutes(double minutes) =>
        Over(TimeSpan.FromMinutes(minutes), TimeSpan.FromSeconds(1), 0.01);
}
