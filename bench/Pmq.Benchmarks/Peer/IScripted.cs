using System.Text.Json.Nodes;

namespace Pmq.Benchmarks.Peer;

/// <summary>What runs in a measured process and obeys its script.</summary>
internal interface IScripted : IAsyncDisposable
{
    /// <summary>Runs an op; what it answers beside <c>ok</c>.</summary>
    Task<JsonObject> HandleAsync(string op, JsonObject arguments);

    /// <summary>Ends the loops.</summary>
    Task StopAsync();
}
