using Pmq.Core.Runtime;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Window;

namespace Pmq.Cli.Demo;

/// <summary>The keys of all networks, and of the one that nobody knows.</summary>
internal sealed class DemoNetworks : IDisposable
{
    private static readonly TimeSpan ShortestInStep = TimeSpan.FromSeconds(2);

    private readonly DemoPlan _plan;
    private readonly SigningNetwork[] _networks;
    private readonly SigningNetwork _stranger;
    private readonly BadReportMaker _bad;
    private readonly Dictionary<ConfigDigest, int> _byDigest;
    private readonly WindowOptions _window;

    /// <summary>Makes them.</summary>
    public DemoNetworks(DemoPlan plan, Chance chance)
    {
        _plan = plan;
        DemoOptions options = plan.Options;
        _networks = [.. plan.Networks.Select(network => new SigningNetwork(
            network.Id, network.Overlay, options.Nodes, options.MaxFaulty, chance.Fork(network.Id)))];
        _stranger = new SigningNetwork("nobody", "", options.Nodes, options.MaxFaulty, chance.Fork("nobody"));
        _bad = new BadReportMaker(_stranger);
        _byDigest = Enumerable.Range(0, _networks.Length).ToDictionary(network => _networks[network].Digest);

        // Short, since a run begins when all windows are in step; several rounds long, so that they stay so.
        _window = new WindowOptions
        {
            InStepSpan = TimeSpan.FromTicks(Math.Max(ShortestInStep.Ticks, options.Interval.Ticks * 3)),
        };
    }

    /// <summary>What the nodes of a network want: the reports of every other.</summary>
    public IReadOnlyList<Network> WantedBy(int network) =>
        [.. _networks.Where((_, other) => other != network).Select(other => other.Describe(_window))];

    /// <summary>The network that a digest names and that publishes on the overlay; null when it is none of these.</summary>
    public int? Find(ConfigDigest digest, string overlay) =>
        _byDigest.TryGetValue(digest, out int network) && _plan.Networks[network].Overlay == overlay ? network : null;

    /// <summary>The signed report of a round.</summary>
    public byte[] Round(int network, int round)
    {
        NetworkPlan plan = _plan.Networks[network];
        return _networks[network].Sign(plan.SequenceOf(round), plan.Payloads[round]);
    }

    /// <summary>A signed report that is not counted.</summary>
    public byte[] Mark(int network, long sequence) => _networks[network].Sign(sequence, NetworkPlan.MarkPayload);

    /// <summary>A bad report on a network's overlay.</summary>
    public byte[] Bad(int network, BadReport bad) => _bad.Make(_plan.Networks[network], _networks[network], bad);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (SigningNetwork network in _networks)
        {
            network.Dispose();
        }

        _stranger.Dispose();
    }
}
