using Pmq.Testing.Processes;

namespace Pmq.Interop.Tests;

/// <summary>What the tests ask of a js peer, js peers grant each other: else a failure below says nothing about us.</summary>
public sealed class JsPeersTests
{
    [Fact]
    public async Task Js_peers_agree_among_themselves()
    {
        await using var run = NpmProject.JsPeers.StartScript("--test", ["--test-timeout=60000", "selftest.mjs"]);

        int exitCode = await run.WaitForExitAsync(TimeSpan.FromMinutes(2));

        Assert.True(exitCode == 0, run.Output.Tail(200) + run.Errors.Tail());
    }
}
