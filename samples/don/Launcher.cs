using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Pmq.Verifiers.Reports;

/// <summary>Starts two networks on this machine: each of their nodes is a process, and its agent another.</summary>
internal sealed partial class Launcher(LauncherOptions options, string folder)
{
    private const int Members = 4;
    private static readonly string[] Networks = ["alpha", "beta"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<Child> _agents = [];
    private readonly List<Child> _nodes = [];
    private readonly ConcurrentDictionary<string, bool> _received = [];
    private readonly TaskCompletionSource<int> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The reports that the nodes receive in all: each those of the other network.</summary>
    private int Expected => Networks.Length * Members * (Networks.Length - 1) * options.Rounds;

    public static async Task<int> RunAsync(string[] args)
    {
        LauncherOptions options =
            new ConfigurationBuilder().AddCommandLine(args).Build().Get<LauncherOptions>() ?? new LauncherOptions();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pmq-don-");
        try
        {
            return await new Launcher(options, folder.FullName).RunAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<int> RunAsync()
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        TimeSpan limit = options.Rounds == 0
            ? Timeout.InfiniteTimeSpan
            : Patience + (options.Rounds * TimeSpan.FromSeconds(options.Interval));
        try
        {
            WriteNetworks();
            await StartAsync();
            await Task.WhenAny(_end.Task, Task.Delay(limit, CancellationToken.None));
            End(1, $"not done after {limit.TotalSeconds:F0} s");
        }
        finally
        {
            await StopAsync();
        }

        Console.WriteLine($"{_received.Count} reports received" + (options.Rounds == 0 ? "" : $", {Expected} expected"));
        return await _end.Task;
    }

    /// <summary>Makes the members' keys, and the file by which each network knows the other.</summary>
    private void WriteNetworks()
    {
        using var file = new StreamWriter(InFolder("networks.yaml"));
        file.WriteLine("networks:");
        foreach (string network in Networks)
        {
            file.WriteLine($"""
                  - id: {network}
                    overlays: [{network}.reports.1]
                    epochs:
                      - digest: {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(ConfigDigest.Length))}
                        scheme: ocr2
                        f: {(Members - 1) / 3}
                        quorum: f+1
                        signers:
                """);
            for (int index = 0; index < Members; index++)
            {
                byte[] secret = RandomNumberGenerator.GetBytes(32);
                using ReportSigner key = ReportSigner.FromSecret(ReportScheme.Ocr2, secret);
                File.WriteAllText(InFolder($"{network}-{index}.key"), Convert.ToHexStringLower(secret));
                file.WriteLine($"          - 0x{Convert.ToHexStringLower(key.Identity.Span)}");
            }
        }
    }

    /// <summary>Starts the agents, each of which dials those before it, and beside each its node.</summary>
    private async Task StartAsync()
    {
        var peers = new List<string>();
        foreach (string network in Networks)
        {
            for (int index = 0; index < Members; index++)
            {
                Task<string> address = StartAgent(network, index, peers);
                if (await Task.WhenAny(address, _end.Task) != address)
                {
                    return;
                }

                peers.Add(await address);
                StartNode(network, index);
            }
        }
    }

    /// <summary>
    /// Starts an agent; its address, once it can be dialed. It has no --key, so it is another peer at each start.
    /// </summary>
    private Task<string> StartAgent(string network, int index, List<string> peers)
    {
        string[] arguments =
        [
            "agent",
            "--grpc", $"unix:{InFolder($"{network}-{index}.sock")}",
            "--http", "off",
            "--loglevel", "error", "--libp2p-loglevel", "error",
            "--listen", "/ip4/127.0.0.1/tcp/0",
            .. peers.SelectMany(peer => new[] { "--peer", peer }),
        ];
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        Child agent = Start($"{network}/{index} agent", Beside("pmq"), arguments, line =>
        {
            // The one line that it prints: {"event":"ready","peerId":…,"listen":[…],…}
            using JsonDocument ready = JsonDocument.Parse(line);
            address.TrySetResult(ready.RootElement.GetProperty("listen")[0].GetString()!);
        });
        _agents.Add(agent);
        return address.Task;
    }

    private void StartNode(string network, int index)
    {
        string name = $"{network}/{index}";
        string[] arguments =
        [
            "node",
            "--network", network,
            "--agent", $"unix:{InFolder($"{network}-{index}.sock")}",
            "--networks", InFolder("networks.yaml"),
            "--key", InFolder($"{network}-{index}.key"),
            "--state", InFolder($"{network}-{index}.state"),
            "--interval", options.Interval.ToString(CultureInfo.InvariantCulture),
        ];
        _nodes.Add(Start(name, Beside("Don"), arguments, line =>
        {
            Console.WriteLine($"{name} {line}");
            if (Report().Match(line) is { Success: true } report)
            {
                OnReceived($"{name} {report.Value}", int.Parse(report.Groups[1].Value, CultureInfo.InvariantCulture));
            }
        }));
    }

    /// <summary>Ends the nodes, then their agents.</summary>
    private async Task StopAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));
        await Task.WhenAll(_agents.Select(agent => agent.DisposeAsync().AsTask()));
    }

    private Child Start(string name, string file, string[] arguments, Action<string> onLine) => new(
        file,
        arguments,
        onLine,
        log =>
        {
            // Ctrl-C ends nodes and agents at once: that they miss each other then is no news.
            if (!_end.Task.IsCompleted)
            {
                Console.Error.WriteLine($"{name}: {log}");
            }
        },
        () => End(1, $"{name} has ended"));

    private void OnReceived(string report, int sequence)
    {
        if (options.Rounds > 0 && sequence > options.Rounds)
        {
            return;
        }

        if (!_received.TryAdd(report, true))
        {
            End(1, $"{report} twice");
        }
        else if (_received.Count == Expected)
        {
            End(0, "done");
        }
    }

    private void OnSignal(PosixSignalContext signal)
    {
        // We end by ourselves, in order.
        signal.Cancel = true;
        End(options.Rounds == 0 ? 0 : 1, "interrupted");
    }

    /// <summary>Ends the run, unless it is ending already.</summary>
    private void End(int exitCode, string reason)
    {
        if (_end.TrySetResult(exitCode))
        {
            Console.WriteLine(reason);
        }
    }

    private string InFolder(string file) => Path.Combine(folder, file);

    private static string Beside(string file) => Path.Combine(AppContext.BaseDirectory, file);

    [GeneratedRegex(@"^got \w+ #(\d+)")]
    private static partial Regex Report();
}
