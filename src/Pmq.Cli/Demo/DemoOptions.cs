using System.Globalization;
using Pmq.Agent.Configuration;
using Pmq.Core.Text;

namespace Pmq.Cli.Demo;

/// <summary>What <c>pmq demo</c> is asked for.</summary>
internal sealed record DemoOptions
{
    /// <summary>Agents that one machine carries well; one agent a node.</summary>
    public const int MaxAgents = 64;

    private static readonly TimeSpan MaxInterval = TimeSpan.FromSeconds(2);

    /// <summary>Networks, 2 to 8. Default 3.</summary>
    public int Networks { get; init; } = 3;

    /// <summary>Nodes of each network, 4 (so that one may be faulty) to 31 (the most oracles of OCR). Default 4.</summary>
    public int Nodes { get; init; } = 4;

    /// <summary>Reports of each network, 1 to 10,000. Default 100.</summary>
    public int Rounds { get; init; } = 100;

    /// <summary>What keys, payloads and the places of bad reports follow from.</summary>
    public ulong Seed { get; init; }

    /// <summary>Time between two rounds of a network, 0 (as fast as they are delivered) to 2 s. Default 100 ms.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether each agent is a process of its own.</summary>
    public bool UsesProcesses { get; init; }

    /// <summary>f: how many nodes of a network may be faulty.</summary>
    public int MaxFaulty => (Nodes - 1) / 3;

    /// <summary>Reads what the user gave; null takes the default.</summary>
    /// <exception cref="ConfigurationException">A value is out of its range; one line.</exception>
    public static DemoOptions Parse(
        string? networks, string? nodes, string? rounds, string? seed, string? interval, ulong freshSeed)
    {
        var defaults = new DemoOptions();
        var options = defaults with
        {
            Networks = Number("--networks", networks, 2, 8, defaults.Networks),
            Nodes = Number("--nodes", nodes, 4, 31, defaults.Nodes),
            Rounds = Number("--rounds", rounds, 1, 10_000, defaults.Rounds),
            Seed = Seeded(seed, freshSeed),
            Interval = Duration(interval, defaults.Interval),
        };
        int agents = options.Networks * options.Nodes;
        return agents <= MaxAgents
            ? options
            : throw new ConfigurationException(
                $"--networks {options.Networks} --nodes {options.Nodes}: must be at most {MaxAgents} nodes in all, not {agents}");
    }

    private static int Number(string flag, string? text, int min, int max, int otherwise)
    {
        if (text is null)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            && value >= min && value <= max
            ? value
            : throw new ConfigurationException($"{flag} {text}: must be a whole number from {min} to {max}");
    }

    private static ulong Seeded(string? text, ulong fresh)
    {
        if (text is null)
        {
            return fresh;
        }

        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? seed
            : throw new ConfigurationException($"--seed {text}: must be a whole number from 0 to {ulong.MaxValue}");
    }

    private static TimeSpan Duration(string? text, TimeSpan otherwise)
    {
        if (text is null)
        {
            return otherwise;
        }

        return GoDuration.TryParse(text, out TimeSpan interval) && interval >= TimeSpan.Zero && interval <= MaxInterval
            ? interval
            : throw new ConfigurationException($"--interval {text}: must be a duration from 0s to 2s, as 100ms");
    }
}
