using System.Diagnostics;
using Pmq.Agent.Configuration;

namespace Pmq.Cli.Demo;

/// <summary>An agent as a process of its own: this executable as <c>pmq agent</c>.</summary>
internal sealed class ProcessAgent : IDemoAgent
{
    /// <summary>An agent ends within 2 s; after this it is killed.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly AgentLog _log;
    private readonly Task _reading;
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AgentAddress? _address;

    private ProcessAgent(string name, Process process, AgentLog log)
    {
        Name = name;
        _process = process;
        _log = log;
        _reading = Task.WhenAll(ReadOutputAsync(), ReadErrorsAsync());
        Broken = WatchAsync();
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public AgentAddress Address => _address!;

    /// <inheritdoc />
    public Task<string> Broken { get; }

    /// <summary>Starts the process and waits for its ready line.</summary>
    /// <exception cref="DemoException">It ends instead, or takes too long.</exception>
    public static async Task<IDemoAgent> StartAsync(
        string name, string configuration, AgentLog log, CancellationToken cancellationToken)
    {
        var agent = new ProcessAgent(name, Process.Start(StartInfo(configuration))!, log);
        try
        {
            string line = await agent._ready.Task.WaitAsync(StartLimit, cancellationToken);
            agent._address = AgentAddress.Parse(line);
            return agent;
        }
        catch (Exception e)
        {
            await agent.DisposeAsync();
            throw e is TimeoutException
                ? new DemoException($"{name}: its agent was not ready within {StartLimit.TotalSeconds} s")
                : e;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // No signal: Ctrl-C has reached it too, and at a second one it would end at once instead of in order.
        _process.StandardInput.Close();
        using var expired = new CancellationTokenSource(StopLimit);
        try
        {
            await _process.WaitForExitAsync(expired.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        await _reading;
        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(string configuration)
    {
        string executable = Environment.ProcessPath!;
        string[] host = Path.GetFileNameWithoutExtension(executable) is "dotnet"
            ? [Path.Combine(AppContext.BaseDirectory, "pmq.dll")]
            : [];
        var info = new ProcessStartInfo(executable, [.. host, "agent", "--config", configuration, "--until-input-ends"])
        {
            // Never written to: it ends with this process at the latest, however that ends, and the agent with it.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What the user set for an agent of his own is not meant for these.
        foreach (string variable in AgentSettings.All.Select(setting => setting.Variable).OfType<string>()
            .Append(ConfigurationSources.FileVariable))
        {
            info.Environment.Remove(variable);
        }

        // The runtime's sockets for debuggers stay behind in the temporary folder when a process is killed.
        info.Environment.TryAdd("DOTNET_EnableDiagnostics", "0");
        return info;
    }

    private async Task ReadOutputAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _ready.TrySetResult(line);
        }
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            _log.Add(Name, line);
        }
    }

    private async Task<string> WatchAsync()
    {
        await _process.WaitForExitAsync();
        string what = $"{Name}: its agent ended with exit code {_process.ExitCode}";
        _ready.TrySetException(new DemoException(what));
        return what;
    }
}
