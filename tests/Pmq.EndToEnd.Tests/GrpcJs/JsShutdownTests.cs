using System.Text.Json;

namespace Pmq.EndToEnd.Tests.GrpcJs;

/// <summary>What a js node sees of an agent that stops.</summary>
[Collection<JsTwoAgentsCollection>]
public sealed class JsShutdownTests(JsTwoAgents agents)
{
    [Fact]
    public async Task Every_stream_ends_as_unavailable_so_that_the_node_comes_back()
    {
        await using AgentProcess agent = await AgentProcess.StartAsync();
        JsClient client = await agents.Node.ConnectAsync(agent.Grpc);
        JsStream health = await client.WatchHealthAsync("");
        JsStream listener = await client.ListenAsync();
        JsStream verifier = await client.VerifyAsync("ACCEPT");
        Assert.Equal("SERVING", (await health.NextEventAsync()).Text("status"));

        agent.Process.Terminate();

        foreach (JsStream stream in new[] { health, listener, verifier })
        {
            JsonElement end = await stream.EndAsync();
            Assert.Equal(("UNAVAILABLE", "The server is shutting down."), (end.Text("status"), end.Text("details")));
        }

        Assert.Equal(0, await agent.Process.WaitForExitAsync());
    }
}
