using Pmq.Engine.Gossip;

namespace Pmq.Agent.Tests;

/// <summary>An agent whose peer has broken does not live on.</summary>
public sealed class BrokenPeerTests
{
    [Fact]
    public async Task An_agent_whose_peer_breaks_is_not_ready_and_ends_as_failed()
    {
        await using TestAgent agent = await TestAgent.StartAsync(("--http", "127.0.0.1:0"));
        using var http = new HttpClient();
        var ready = new Uri($"http://{agent.Host.HttpAddress}/readyz");
        Assert.Equal(System.Net.HttpStatusCode.OK, (await http.GetAsync(ready)).StatusCode);
        Action<TimeSpan> fault = _ => throw new InvalidDataException("broken by the test");
        Assert.True(agent.Host.Peer.Driver.Post(new DriverCommand(DriverCommandKind.Call, fault)));
        agent.Host.Peer.Driver.Drive();

        Assert.Equal(
            System.Net.HttpStatusCode.ServiceUnavailable, (await http.GetAsync(ready)).StatusCode);
        Assert.False(await agent.Host.RunAsync(CancellationToken.None).WaitAsync(Waits.Generous));
    }

    [Fact]
    public async Task An_agent_that_is_told_to_stop_ends_in_order()
    {
        await using TestAgent agent = await TestAgent.StartAsync();
        using var stopping = new CancellationTokenSource();
        Task<bool> running = agent.Host.RunAsync(stopping.Token);
        Assert.False(running.IsCompleted);

        await stopping.CancelAsync();

        Assert.True(await running.WaitAsync(Waits.Generous));
    }
}
