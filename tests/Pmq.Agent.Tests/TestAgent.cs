using Microsoft.Extensions.Logging.Abstractions;
using Pmq.Agent.Configuration;
using Pmq.Agent.Tests.Configuration;
using Pmq.Client;
using Pmq.Grpc.Client;

namespace Pmq.Agent.Tests;

/// <summary>An agent in this process, over the memory transport or loopback, with clients of it.</summary>
internal sealed class TestAgent : IAsyncDisposable
{
    private readonly List<PmqClient> _clients = [];

    private TestAgent(AgentHost host) => Host = host;

    public AgentHost Host { get; }

    /// <summary>Where other agents dial it.</summary>
    public string Address => Host.Peer.ListenAddresses[0].ToString();

    public static Task<TestAgent> StartAsync(params (string Flag, string Value)[] flags) => StartAsync(null, flags);

    /// <summary>Starts an agent with a configuration file.</summary>
    public static async Task<TestAgent> StartAsync(string? file, (string Flag, string Value)[] flags)
    {
        List<(string Flag, string[] Values)> all =
            [.. flags.GroupBy(flag => flag.Flag).Select(
                group => (group.Key, group.Select(flag => flag.Value).ToArray()))];
        foreach ((string flag, string value) in new[]
        {
            ("--listen", "/memory/0"), ("--grpc", "127.0.0.1:0"), ("--http", "off"),
        })
        {
            if (!all.Any(given => given.Flag == flag))
            {
                all.Add((flag, [value]));
            }
        }

        AgentOptions options = AgentOptions.From(Configurations.Load(file, null, [.. all]));
        return new TestAgent(await AgentHost.StartAsync(options, NullLoggerFactory.Instance, CancellationToken.None));
    }

    public PmqClient Client(PmqClientOptions? options = null)
    {
        var client = new PmqClient((options ?? new PmqClientOptions()) with { Address = Host.GrpcAddress });
        _clients.Add(client);
        return client;
    }

    /// <summary>A channel for calls that the client does not make.</summary>
    public GrpcChannel Channel() => GrpcChannel.ForAddress(Host.GrpcAddress);

    public async ValueTask DisposeAsync()
    {
        foreach (PmqClient client in _clients)
        {
            client.Dispose();
        }

        await Host.DisposeAsync();
    }
}
