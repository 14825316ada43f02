using System.Text.Json.Nodes;
using Pmq.Agent.Configuration;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Core.Text;

namespace Pmq.Cli.Demo;

/// <summary>All agents of a demo, connected as its topology says.</summary>
internal sealed class AgentFleet : IAsyncDisposable
{
    private readonly IDemoAgent?[] _agents;
    private readonly Topology _topology;
    private readonly AgentLog _log;
    private readonly bool _usesProcesses;

    private AgentFleet(Topology topology, bool usesProcesses, AgentLog log)
    {
        _topology = topology;
        _usesProcesses = usesProcesses;
        _log = log;
        _agents = new IDemoAgent?[topology.Dialed.Count];
    }

    /// <summary>The agents, by their number in the topology.</summary>
    public IReadOnlyList<IDemoAgent> Agents => _agents!;

    /// <summary>Completes, with what happened, when an agent ends without being asked to.</summary>
    public Task<string> Broken => Task.WhenAny(Agents.Select(agent => agent.Broken)).Unwrap();

    /// <summary>Starts them, wave by wave; when it returns each accepts.</summary>
    public static async Task<AgentFleet> StartAsync(
        DemoPlan plan, Topology topology, Chance chance, AgentLog log, CancellationToken cancellationToken)
    {
        var fleet = new AgentFleet(topology, plan.Options.UsesProcesses, log);

        // The files hold keys: the folder is its owner's alone, and gone when the agents have read them.
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pmq-demo-");
        try
        {
            foreach (IReadOnlyList<int> wave in topology.Waves)
            {
                List<Task> starts = [];
                foreach (int agent in wave)
                {
                    string name = agent == topology.Attacker
                        ? "attacker"
                        : plan.NameOf(topology.NetworkOf(agent), topology.NodeOf(agent));
                    string path = Path.Combine(folder.FullName, name + ".json");
                    File.WriteAllText(path, fleet.Configure(agent, chance));
                    starts.Add(fleet.StartAsync(agent, name, path, cancellationToken));
                }

                await Task.WhenAll(starts);
            }

            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Ends them, all at once.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(
        _agents.OfType<IDemoAgent>().Select(agent => agent.DisposeAsync().AsTask()));

    private async Task StartAsync(int agent, string name, string path, CancellationToken cancellationToken) =>
        _agents[agent] = _usesProcesses
            ? await ProcessAgent.StartAsync(name, path, _log, cancellationToken)
            : await HostedAgent.StartAsync(name, path, _log, cancellationToken);

    private string Configure(int agent, Chance chance)
    {
        using var key = PrivateKey.Generate(KeyType.Ed25519, new ChanceEntropy(chance));
        return new JsonObject
        {
            ["privateKey"] = KeyFile.Encode(key),
            ["listenAddrs"] = new JsonArray("/ip4/127.0.0.1/tcp/0"),
            ["peers"] = new JsonArray(
                [.. _topology.Dialed[agent].Select(other => JsonValue.Create(_agents[other]!.Address.Multiaddr))]),
            ["pubsub"] = new JsonObject
            {
                ["msgValidator"] = new JsonObject { ["timeout"] = GoDuration.Format(DemoRun.Patience) },
            },
            ["grpc"] = new JsonObject { ["listen"] = "127.0.0.1:0" },
            ["http"] = new JsonObject { ["listen"] = "off" },
            ["log"] = new JsonObject { ["level"] = "warn", ["libp2pLevel"] = "warn" },
        }.ToJsonString();
    }
}
