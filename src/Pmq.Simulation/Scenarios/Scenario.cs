using Pmq.Gossipsub;
using Pmq.Simulation.Links;
using Pmq.Simulation.Nodes;
using Pmq.Simulation.Reports;

namespace Pmq.Simulation.Scenarios;

/// <summary>
/// Something that happens to a network of honest nodes, and what must hold meanwhile. One object serves any number of
/// runs at the same time.
/// </summary>
public abstract class Scenario
{
    /// <summary>Its name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What happens, in one sentence.</summary>
    public abstract string Description { get; }

    /// <summary>What must hold, in one sentence.</summary>
    public abstract string Holds { get; }

    /// <summary>Attackers for each honest node, when the request does not say how many.</summary>
    public virtual double SybilRatio => 0;

    /// <summary>
    /// The defence without which it must visibly go wrong; none when nothing that can be switched off stands between.
    /// </summary>
    public virtual Defences Control => Defences.None;

    /// <summary>Simulated time before anything is measured, when the request does not say. 30 s.</summary>
    public virtual TimeSpan WarmUp => TimeSpan.FromSeconds(30);

    /// <summary>Simulated time that is measured, when the request does not say. 60 s.</summary>
    public virtual TimeSpan Measured => TimeSpan.FromSeconds(60);

    /// <summary>Simulated time after the last publication, for what is still under way. 5 s.</summary>
    internal virtual TimeSpan Drain => TimeSpan.FromSeconds(5);

    /// <summary>The options of honest nodes before anything is switched off.</summary>
    internal virtual GossipsubOptions Options { get; } = PublishedSetting.Options;

    /// <summary>The links.</summary>
    internal virtual LinkOptions Links { get; } = new();

    /// <summary>The links of the run with a seed; <see cref="Links"/> unless they follow from it.</summary>
    internal virtual LinkOptions LinksOf(ulong seed) => Links;

    /// <summary>The verifiers of honest nodes.</summary>
    internal virtual VerifierOptions Verifier { get; } = new();

    /// <summary>When honest nodes begin to come up, within a second. At once.</summary>
    internal virtual TimeSpan HonestStart => TimeSpan.Zero;

    /// <summary>The topics that honest nodes join; each has its part of the traffic.</summary>
    internal virtual List<string> Topics => [PublishedSetting.Topic];

    /// <summary>Runs it.</summary>
    /// <param name="request">How.</param>
    /// <param name="progress">Told from time to time which part is done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ScenarioReport Run(
        ScenarioRequest request, Action<double>? progress = null, CancellationToken cancellationToken = default)
    {
        var run = new ScenarioRun(this, request);
        Prepare(run);
        run.Carry(progress, cancellationToken);
        run.CheckInvariants();
        if (Control != Defences.None && (request.Off & Control) != Defences.None)
        {
            CheckControl(run);
        }
        else if (request.Off == Defences.None)
        {
            Check(run);
        }

        return run.Report();
    }

    /// <summary>Makes an honest node.</summary>
    internal virtual HonestNode CreateNode(int index, NodeOptions options) => new(options);

    /// <summary>Adds what the scenario is about to a network of honest nodes that has not begun.</summary>
    internal abstract void Prepare(ScenarioRun run);

    /// <summary>Checks what must hold with every defence on.</summary>
    internal abstract void Check(ScenarioRun run);

    /// <summary>Checks that it goes wrong without <see cref="Control"/>.</summary>
    internal virtual void CheckControl(ScenarioRun run) => run.RequireFailure();
}
