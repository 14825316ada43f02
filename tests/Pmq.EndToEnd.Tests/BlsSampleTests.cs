using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests;

/// <summary>The sample of a BLS network, as its reader runs it.</summary>
public sealed class BlsSampleTests
{
    [Fact]
    public async Task Its_own_tests_pass()
    {
        NpmProject project = BlsSample.Project();

        await using ChildProcess tests = ChildProcess.Start("npm", ["test"], project.Directory);

        int code = await tests.WaitForExitAsync();
        Assert.True(code == 0, $"npm test ended with {code}:\n{tests.Output.Tail(200)}\n{tests.Errors.Tail()}");
        Assert.Contains("# fail 0", tests.Output.Lines);
        Assert.DoesNotContain("# pass 0", tests.Output.Lines);
    }
}
