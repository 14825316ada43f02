using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests;

/// <summary>The built executable.</summary>
internal static class PmqCommand
{
    /// <summary>Our own environment must not reach the agents of a test.</summary>
    private static readonly string[] Variables = ["GRPC_PORT", "P2PMQ_CONFIG", "P2PMQ_LOGLEVEL", "LIBP2P_LOGLEVEL"];

    /// <summary>Where it is.</summary>
    public static string Executable => Path.Combine(AppContext.BaseDirectory, "pmq");

    /// <summary>Starts <c>pmq</c> with these arguments.</summary>
    public static ChildProcess Start(params string[] arguments) => Start(null, arguments);

    /// <summary>Starts <c>pmq</c> with variables of its environment.</summary>
    public static ChildProcess Start(IReadOnlyDictionary<string, string?>? environment, string[] arguments)
    {
        Dictionary<string, string?> all = Variables.ToDictionary(name => name, _ => (string?)null);
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            all[name] = value;
        }

        return ChildProcess.Start(Executable, arguments, environment: all);
    }

    /// <summary>Runs <c>pmq</c> to its end.</summary>
    public static async Task<(int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)> RunAsync(
        params string[] arguments)
    {
        await using ChildProcess process = Start(arguments);
        process.CloseInput();
        int code = await process.WaitForExitAsync();
        return (code, process.Output.Lines, process.Errors.Lines);
    }

    /// <summary>Runs <c>pmq</c> to its end; it must succeed.</summary>
    public static async Task<IReadOnlyList<string>> SucceedAsync(params string[] arguments)
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> errors) = await RunAsync(arguments);
        Assert.True(code == 0, $"pmq {string.Join(' ', arguments)} ended with {code}: {string.Join('\n', errors)}");
        return output;
    }
}
