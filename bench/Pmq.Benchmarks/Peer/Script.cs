using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pmq.Benchmarks.Peer;

/// <summary>
/// The line protocol of a measured process: one JSON object a line on standard input is a request <c>{id, op, …}</c>, one
/// a line on standard output its answer.
/// </summary>
internal static class Script
{
    private static readonly Lock Output = new();

    /// <summary>Serves requests until standard input ends; owns <paramref name="subject"/>.</summary>
    public static async Task<int> RunAsync(IScripted subject)
    {
        await using (subject)
        {
            Write(new JsonObject { ["event"] = "ready" });
            var running = new List<Task>();
            while (await Console.In.ReadLineAsync() is { } line)
            {
                var request = JsonNode.Parse(line)!.AsObject();
                running.RemoveAll(static task => task.IsCompleted);
                running.Add(AnswerAsync(subject, request));
            }

            await subject.StopAsync();
            await Task.WhenAll(running);
        }

        return 0;
    }

    private static async Task AnswerAsync(IScripted subject, JsonObject request)
    {
        JsonObject answer;
        try
        {
            answer = await subject.HandleAsync(request["op"]!.GetValue<string>(), request);
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
