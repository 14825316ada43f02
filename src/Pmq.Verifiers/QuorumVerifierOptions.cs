using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers;

/// <summary>What a quorum verifier judges by.</summary>
public sealed record QuorumVerifierOptions
{
    /// <summary>The networks: a <see cref="Keyring"/> or a <see cref="NetworksFile"/>.</summary>
    public required IKeyringSource Networks { get; init; }

    /// <summary>Where marks are kept; null forgets them with the process, which the first seconds then make up for.</summary>
    public IMarkStore? Marks { get; init; }

    /// <summary>Called for two different reports of one sequence, both signed by a quorum.</summary>
    public Action<Equivocation>? OnEquivocation { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
