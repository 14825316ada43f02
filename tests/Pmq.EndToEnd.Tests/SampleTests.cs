using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests;

/// <summary>The samples in C#, each by its one command, as they were built with the tests.</summary>
public sealed class SampleTests
{
    /// <summary>What a loaded machine may take; a sample that runs into it has failed.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task The_peer_in_a_process_delivers_what_a_quorum_signed_and_rejects_the_forged()
    {
        await using ChildProcess sample = Start("InProcess");

        int code = await sample.WaitForExitAsync(Limit);

        Assert.True(code == 0, $"{code}: {sample.Errors.Tail()}");
        Assert.Empty(sample.Errors.Lines);
        Assert.Equal(
            ["Bob got #1: ETH/USD 3141.59", "Bob got #2: ETH/USD 3142.65"],
            sample.Output.Lines.Where(line => line.StartsWith("Bob got", StringComparison.Ordinal)).Order());
        Assert.Equal(
            ["Bob says Accept to #1: Accepted", "Bob says Accept to #2: Accepted", "Bob says Reject to #2: BadSignature"],
            sample.Output.Lines.Where(line => line.StartsWith("Bob says", StringComparison.Ordinal)).Order());
    }

    private static ChildProcess Start(string name, params string[] arguments)
    {
        // bin/NAME/debug beside bin/Pmq.EndToEnd.Tests/debug
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        string file = Path.Combine(own.Parent!.Parent!.FullName, name, own.Name, name);
        return ChildProcess.Start(file, arguments);
    }
}
