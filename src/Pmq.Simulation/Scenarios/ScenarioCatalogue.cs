namespace Pmq.Simulation.Scenarios;

/// <summary>All scenarios.</summary>
public static class ScenarioCatalogue
{
    /// <summary>All, in the order in which they are listed and run.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new BaselineScenario(),
        new EclipseScenario("eclipse-one", "one publisher", 1, Defences.None, run => [run.Publishers[0]]),
        new EclipseScenario("eclipse-publishers", "all publishers", 1, Defences.None, run => run.Publishers),
        new EclipseScenario("eclipse-network", "all nodes", 4, Defences.Scoring, run => run.Honest),
        new InfiltrationScenario("cold-boot", "The network starts with sinkholes in it.", TimeSpan.Zero, false),
        new InfiltrationScenario(
            "covert-flash",
            "Attackers behave until the warm-up is over, then all of them drop everything and graft everyone.",
            TimeSpan.Zero,
            true),
        new InfiltrationScenario(
            "dawn", "Sinkholes are there ten seconds before the honest.", TimeSpan.FromSeconds(10), false),
        new FilterScenario(
            "censorship",
            "Attackers pass everything on but the messages of one publisher.",
            (run, message, _) => message.Author != run.Publishers[0]),
        new FilterScenario(
            "degrade",
            "Attackers pass every second message on.",
            (_, message, attacker) => (((message.Number * 0x9E3779B1u) + ((uint)attacker * 0x85EBCA6Bu)) >> 31) == 0),
        new InvalidSpamScenario(),
        new QueueFloodScenario(),
        new IHaveSpamScenario(),
        new IWantSpamScenario(),
        new IDontWantSpamScenario(),
        new GraftSpamScenario(),
        new SubscriptionSpamScenario(),
        new SlowReadersScenario(),
        new PartitionScenario(),
        new ChurnScenario(),
        new StormScenario(),
        new MixedVersionsScenario(),
        new ReplayScenario(),
        new ColocationScenario(),
        new TopicMaskingScenario(),
    ];

    /// <summary>The scenario of a name; null if there is none.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);
}
