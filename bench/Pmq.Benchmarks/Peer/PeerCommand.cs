using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pmq.Benchmarks.Peer;

/// <summary>
/// <c>peer</c>: the process that is measured. One JSON object a line on standard input is a request <c>{id, op, …}</c>, one a
/// line on standard output its answer; the ops are those of <c>tests/js-peers/bench-peer.mjs</c>.
/// </summary>
internal static class PeerCommand
{
    private static readonly Lock Output = new();

    public static Command Create()
    {
        var command = new Command("peer", "The process that is measured; run by compare.") { Hidden = true };
        command.SetAction((_, _) => RunAsync());
        return command;
    }

    private static async Task<int> RunAsync()
    {
        await using var peer = new MeasuredPeer();
        Write(new JsonObject { ["event"] = "ready" });
        var running = new List<Task>();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var request = JsonNode.Parse(line)!.AsObject();
            running.RemoveAll(static task => task.IsCompleted);
            running.Add(AnswerAsync(peer, request));
        }

        await peer.StopAsync();
        await Task.WhenAll(running);
        return 0;
    }

    private static async Task AnswerAsync(MeasuredPeer peer, JsonObject request)
    {
        JsonObject answer;
        try
        {
            answer = await peer.HandleAsync(request["op"]!.GetValue<string>(), request);
            answer["ok"] = true;
        }
        catch (Exception e)
        {
            answer = new JsonObject { ["ok"] = false, ["error"] = e.GetType().Name, ["message"] = e.ToString() };
        }

        answer["id"] = request["id"]!.GetValue<int>();
        Write(answer);
    }

    private static void Write(JsonObject line)
    {
        lock (Output)
        {
            Console.Out.WriteLine(line.ToJsonString(JsonSerializerOptions.Web));
        }
    }
}
