using System.Diagnostics.Metrics;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers;

/// <summary>What a quorum verifier judges by.</summary>
public sealed record QuorumVerifierOptions
{
    /// <summary>The networks: a <see cref="Keyring"/> or a <see cref="NetworksFile"/>.</summary>
    public required IKeyringSource Networks { get; init; }

    /// <summary>
    /// Where marks are kept, such as a <see cref="FileMarkStore"/>; null forgets them with the process, which the first
    /// seconds then make up for. It stays the caller's, who disposes it after the verifier.
    /// </summary>
    public IMarkStore? Marks { get; init; }

    /// <summary>
    /// Called once for each two different reports of one sequence, both signed by a quorum; the first is empty when it
    /// is no longer kept. Called on the threads that judge, also by several at once, so it should be short; what it
    /// throws is counted.
    /// </summary>
    public Action<Equivocation>? OnEquivocation { get; init; }

    /// <summary>
    /// Called when <see cref="Marks"/> fails, and again only after it has worked in between. Until it works, what would
    /// be accepted is ignored.
    /// </summary>
    public Action<Exception>? OnMarksFailed { get; init; }

    /// <summary>Makes the meter <c>Pmq.Verifiers</c>; null: one of the verifier's own.</summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
