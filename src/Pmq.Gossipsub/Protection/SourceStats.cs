namespace Pmq.Gossipsub.Protection;

/// <summary>What a source has done on one topic; each number decays.</summary>
internal struct SourceStats
{
    public double Deliver;
    public double Duplicate;
    public double Ignore;
    public double Reject;

    /// <summary>Whether all has decayed.</summary>
    public readonly bool IsZero => Deliver == 0 && Duplicate == 0 && Ignore == 0 && Reject == 0;

    /// <summary>With what probability the next message of the source is taken; 1 for one that is new.</summary>
    public readonly double Acceptance(QueueProtectionOptions options)
    {
        double against = (options.DuplicateWeight * Duplicate) + (options.IgnoreWeight * Ignore)
            + (options.RejectWeight * Reject);
        return (1 + Deliver) / (1 + Deliver + against);
    }

    public void Decay(double factor, double zero)
    {
        Deliver = Decayed(Deliver, factor, zero);
        Duplicate = Decayed(Duplicate, factor, zero);
        Ignore = Decayed(Ignore, factor, zero);
        Reject = Decayed(Reject, factor, zero);
    }

    public static double Decayed(double value, double factor, double zero) =>
        value * factor < zero ? 0 : value * factor;
}
