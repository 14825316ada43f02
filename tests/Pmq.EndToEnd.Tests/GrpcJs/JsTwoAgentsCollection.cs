namespace Pmq.EndToEnd.Tests.GrpcJs;

/// <summary>The tests that share <see cref="JsTwoAgents"/>.</summary>
[CollectionDefinition]
public sealed class JsTwoAgentsCollection : ICollectionFixture<JsTwoAgents>;
