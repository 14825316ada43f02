using Pmq.Testing;
using Pmq.Testing.Peers;
using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests.GrpcJs;

/// <summary>The program of a node in js: <c>tests/js-peers/grpc-node.mjs</c> in a process of its own.</summary>
internal sealed class JsNode : IAsyncDisposable
{
    private readonly ScriptedPeer _script = new(take => NpmProject.JsPeers.StartScript(
        "grpc-node.mjs", [Repository.Path("src", "Pmq.Protocol", "proto")], takeOutput: take));

    /// <summary>The contract that clients of the Go agent were built against.</summary>
    public static string GoAgentProto { get; } =
        Repository.Path("tests", "Pmq.EndToEnd.Tests", "GrpcJs", "Data", "go-agent.proto");

    public static async Task<JsNode> StartAsync()
    {
        var node = new JsNode();
        try
        {
            await node._script.EventAsync("ready");
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes clients of an agent, from the agent's own file or another one.</summary>
    public async Task<JsClient> ConnectAsync(string address, string? proto = null) =>
        new(_script, (await _script.CallAsync("connect", new { address, proto })).GetProperty("agent").GetInt32());

    /// <summary>A contract as @grpc/proto-loader reads it, one line a method, message and enum.</summary>
    public async Task<IReadOnlyList<string>> ContractAsync(string? proto = null) =>
        (await _script.CallAsync("contract", new { proto })).Texts("lines");

    public ValueTask DisposeAsync() => _script.DisposeAsync();
}
