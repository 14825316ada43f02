namespace Pmq.Cli.Demo;

/// <summary>How a run stands, or what became of it.</summary>
internal sealed record Tally
{
    private const int MaxNamed = 5;

    /// <summary>Rounds that each network has begun to publish.</summary>
    public required IReadOnlyList<int> RoundsPublished { get; init; }

    /// <summary>Deliveries of each network's reports, over all subscribers.</summary>
    public required IReadOnlyList<long> DeliveredOf { get; init; }

    /// <summary>The nodes that lack reports, and how many.</summary>
    public required IReadOnlyList<(string Node, long Count)> LostBy { get; init; }

    /// <summary>Good reports that agents took from their nodes.</summary>
    public required long Published { get; init; }

    /// <summary>E.</summary>
    public required long Expected { get; init; }

    /// <summary>Good reports that processors got, each counted once a node.</summary>
    public required long Delivered { get; init; }

    /// <summary>Good reports that a processor got again.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Bad reports that the attacker's agent took.</summary>
    public required long BadPublished { get; init; }

    /// <summary>Bad reports that processors got.</summary>
    public required long BadDelivered { get; init; }

    /// <summary>Bad reports that a verifier accepted, delivered or not.</summary>
    public required long BadAccepted { get; init; }

    /// <summary>Good reports that a verifier rejected.</summary>
    public required long GoodRejected { get; init; }

    /// <summary>Verdicts on bad reports over all verifiers, by kind.</summary>
    public required IReadOnlyList<(BadKind Kind, int Reject, int Ignore)> Verdicts { get; init; }

    /// <summary>The median of the time from the first publish call of a report to a delivery; null without any.</summary>
    public required double? P50Ms { get; init; }

    /// <summary>The same, of 99 in 100.</summary>
    public required double? P99Ms { get; init; }

    /// <summary>Good reports that did not arrive.</summary>
    public long Lost => Expected - Delivered;

    /// <summary>What is wrong with a finished run, in one line; null when nothing is.</summary>
    public string? Fault
    {
        get
        {
            var faults = new List<string>();
            string nodes = string.Join(' ', LostBy.Take(MaxNamed).Select(lost => $"{lost.Node} {lost.Count}"));
            Add(faults, Lost, $"of {Expected} deliveries lost ({nodes}{(LostBy.Count > MaxNamed ? " …" : "")})");
            Add(faults, Duplicates, "duplicate deliveries");
            Add(faults, BadDelivered, "bad reports delivered");
            Add(faults, BadAccepted, "bad reports accepted");
            Add(faults, GoodRejected, "good reports rejected");
            faults.AddRange(Verdicts.Where(verdict => verdict is { Reject: 0, Ignore: 0 })
                .Select(verdict => $"no verdict on {verdict.Kind.Name()}"));
            return faults.Count == 0 ? null : string.Join(", ", faults);
        }
    }

    private static void Add(List<string> faults, long count, string what)
    {
        if (count != 0)
        {
            faults.Add($"{count} {what}");
        }
    }
}
