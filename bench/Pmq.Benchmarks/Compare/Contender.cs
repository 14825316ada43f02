using Pmq.Testing.Peers;
using Pmq.Testing.Processes;

namespace Pmq.Benchmarks.Compare;

/// <summary>An implementation with the runtime it is measured on: every process of a run is started by it.</summary>
/// <param name="Name">As it stands in the table.</param>
/// <param name="IsOurs">Whether it is PMQ; the others are whom it is compared with.</param>
/// <param name="Start">Starts one process.</param>
internal sealed record Contender(string Name, bool IsOurs, Func<ScriptedPeer> Start)
{
    /// <summary>By the names that <c>--contenders</c> takes.</summary>
    public static IReadOnlyDictionary<string, Contender> All { get; } = new[]
    {
        Ours("pmq"),
        Ours("pmq-server-gc", ("DOTNET_gcServer", "1")),
        Ours("pmq-blocking-gc", ("DOTNET_gcConcurrent", "0")),
        Js("js-node22", 22),
        Js("js-node24", 24),
    }.ToDictionary(c => c.Name);

    /// <summary>Who runs when nobody is named.</summary>
    public static string[] Default { get; } = ["pmq", "js-node22", "js-node24"];

    private static Contender Ours(string name, params (string Name, string Value)[] variables)
    {
        var environment = variables.ToDictionary(v => v.Name, string? (v) => v.Value);
        return new Contender(name, true, () => new ScriptedPeer(
            take => ChildProcess.Start(Environment.ProcessPath!, ["peer"], environment: environment, takeOutput: take)));
    }

    private static Contender Js(string name, int major) => new(name, false, () => new ScriptedPeer(
        take => NpmProject.JsPeers.StartScript("bench-peer.mjs", major: major, takeOutput: take)));
}
