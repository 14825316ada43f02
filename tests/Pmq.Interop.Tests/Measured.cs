namespace Pmq.Interop.Tests;

/// <summary>Tests that look at memory or at rates: one at a time, with nothing beside them.</summary>
[CollectionDefinition(nameof(Measured), DisableParallelization = true)]
public sealed class Measured;
