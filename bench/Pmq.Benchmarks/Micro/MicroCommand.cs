using System.CommandLine;
using BenchmarkDotNet.Running;

namespace Pmq.Benchmarks.Micro;

/// <summary><c>micro</c>: single operations, by BenchmarkDotNet; what follows is handed on to it, as <c>--filter *Noise*</c>.</summary>
internal static class MicroCommand
{
    public static Command Create()
    {
        var command = new Command("micro", "Measures single operations, by BenchmarkDotNet.") { TreatUnmatchedTokensAsErrors = false };
        command.SetAction(parsed =>
        {
            string[] arguments = [.. parsed.UnmatchedTokens];
            BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly)
                .Run(arguments.Length == 0 ? ["--filter", "*"] : arguments);
        });
        return command;
    }
}
