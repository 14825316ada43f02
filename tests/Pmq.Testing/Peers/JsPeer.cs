using System.Text.Json;
using Pmq.Testing.Processes;

namespace Pmq.Testing.Peers;

/// <summary>A js-libp2p peer in a process of its own, scripted from the test; <c>tests/js-peers/README.md</c> lists its ops.</summary>
public sealed class JsPeer : IAsyncDisposable
{
    private readonly ScriptedPeer _script;

    private JsPeer(int nodeMajor) =>
        _script = new ScriptedPeer(take => NpmProject.JsPeers.StartScript("peer.mjs", major: nodeMajor, takeOutput: take));

    /// <summary>Who it is.</summary>
    public string PeerId { get; private set; } = "";

    /// <summary>Where it listens, each ending in <c>/p2p/…</c>.</summary>
    public IReadOnlyList<string> Addresses { get; private set; } = [];

    /// <summary>The first of <see cref="Addresses"/>.</summary>
    public string Address => Addresses[0];

    /// <summary>The process, to kill it.</summary>
    public ChildProcess Process => _script.Process;

    /// <summary>A peer that runs no host: for keys and records.</summary>
    public static async Task<JsPeer> CreateAsync(int nodeMajor = 24)
    {
        var peer = new JsPeer(nodeMajor);
        await peer.EventAsync("ready");
        return peer;
    }

    /// <summary>A peer that listens on loopback.</summary>
    /// <param name="options">Options of the op <c>start</c>, as an anonymous object.</param>
    /// <param name="nodeMajor">The major version of Node.js.</param>
    public static async Task<JsPeer> StartAsync(object? options = null, int nodeMajor = 24)
    {
        var peer = await CreateAsync(nodeMajor);
        try
        {
            var started = await peer.CallAsync("start", options);
            peer.PeerId = started.GetProperty("peerId").GetString()!;
            peer.Addresses = [.. started.GetProperty("addresses").EnumerateArray().Select(a => a.GetString()!)];
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="ScriptedPeer.CallAsync" />
    public Task<JsonElement> CallAsync(string op, object? arguments = null, TimeSpan? timeout = null) =>
        _script.CallAsync(op, arguments, timeout);

    /// <inheritdoc cref="ScriptedPeer.EventAsync" />
    public Task<JsonElement> EventAsync(
        string name, Func<JsonElement, bool>? matches = null, TimeSpan? timeout = null) =>
        _script.EventAsync(name, matches, timeout);

    /// <inheritdoc cref="ScriptedPeer.EventsSoFar" />
    public IReadOnlyList<JsonElement> EventsSoFar(string name) => _script.EventsSoFar(name);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _script.DisposeAsync();
}
