using Microsoft.Extensions.Logging;
using Pmq.Agent;
using Pmq.Agent.Configuration;

namespace Pmq.Cli.Demo;

/// <summary>An agent in this process.</summary>
internal sealed class HostedAgent : IDemoAgent
{
    private readonly AgentHost _host;
    private readonly ILoggerFactory _loggers;

    private HostedAgent(string name, AgentHost host, ILoggerFactory loggers)
    {
        Name = name;
        _host = host;
        _loggers = loggers;
        Address = AgentAddress.Parse(host.ReadyLine);
        Broken = WatchAsync();
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public AgentAddress Address { get; }

    /// <inheritdoc />
    public Task<string> Broken { get; }

    /// <summary>Starts an agent as its configuration says, and nothing else: not the environment.</summary>
    public static async Task<IDemoAgent> StartAsync(
        string name, string configuration, AgentLog log, CancellationToken cancellationToken)
    {
        ILoggerFactory loggers = log.LoggersOf(name);
        try
        {
            var sources = new ConfigurationSources { File = configuration, Environment = _ => null };
            AgentHost host = await AgentHost.StartAsync(
                AgentOptions.From(AgentConfiguration.Load(sources)), loggers, cancellationToken);
            return new HostedAgent(name, host, loggers);
        }
        catch
        {
            loggers.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _loggers.Dispose();
    }

    private async Task<string> WatchAsync()
    {
        await _host.Peer.Completion;
        return $"{Name}: its agent broke: {_host.Peer.Failure?.Message}";
    }
}
