using System.Text.Json;
using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests;

/// <summary>The run of the README, and what a verifier's verdict does, with every part a process of its own.</summary>
public sealed class TwoAgentsTests
{
    [Fact]
    public async Task The_run_of_the_README_delivers_a_message()
    {
        await using AgentProcess alice = await AgentProcess.StartAsync("--topic", "demo");
        await using AgentProcess bob = await AgentProcess.StartAsync("--topic", "demo", "--peer", alice.Address);
        await using ChildProcess verifier = PmqCommand.Start(
            "verify", "--topic", "demo", "--accept", "--agent", bob.Grpc);
        await using ChildProcess listener = PmqCommand.Start(
            "listen", "--topic", "demo", "--count", "1", "--json", "--agent", bob.Grpc);
        await verifier.Errors.TakeAsync(line => line == "pmq: verifying demo");
        await listener.Errors.TakeAsync(line => line == "pmq: listening to demo");
        await alice.MeshedAsync("demo", 1);

        string published = Assert.Single(await PmqCommand.SucceedAsync(
            "publish", "--topic", "demo", "--text", "hello", "--agent", alice.Grpc, "--json"));

        Assert.Equal(0, await listener.WaitForExitAsync());
        const string Id = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c";
        Assert.Equal(
            $"{{\"event\":\"message\",\"topic\":\"demo\",\"messageId\":\"{Id}\",\"data\":\"aGVsbG8=\"}}",
            Assert.Single(listener.Output.Lines));
        Assert.Equal($"accept demo {Id}", Assert.Single(verifier.Output.Lines));
        using JsonDocument outcome = JsonDocument.Parse(published);
        Assert.Equal(Id, outcome.RootElement.GetProperty("messageId").GetString());
        Assert.Equal(1, new[] { "sent", "queued" }.Sum(name => outcome.RootElement.GetProperty(name).GetInt32()));
        string[] peers = [.. await PmqCommand.SucceedAsync("peers", "--agent", alice.Grpc)];
        Assert.Equal(
            ["PEER", "DIRECTION", "PROTOCOL", "SCORE", "BAND", "MESH", "WORST", "FACTOR"], Words(peers[0]));
        string[] row = Words(Assert.Single(peers[1..]));
        Assert.Equal(
            [bob.PeerId, "inbound", "/meshsub/1.2.0", row[3], "ok", "demo", "-"], row);
        string[] explained =
            [.. await PmqCommand.SucceedAsync("peers", "--explain", bob.PeerId, "--agent", alice.Grpc)];
        Assert.Equal(["peer", bob.PeerId + ",", "connected"], Words(explained[0]));
        Assert.Contains(explained, line => Words(line) is ["P4", "invalidMessageDeliveries", "0", "0"]);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    [Theory]
    [InlineData("--reject", "reject")]
    [InlineData("--ignore", "ignore")]
    public async Task What_is_not_accepted_is_neither_delivered_nor_passed_on(string flag, string word)
    {
        // A line of three: what reaches the last one has passed the verifier in the middle.
        await using AgentProcess first = await AgentProcess.StartAsync("--topic", "bad", "good");
        await using AgentProcess middle = await AgentProcess.StartAsync(
            "--topic", "bad", "good", "--peer", first.Address);
        await using AgentProcess last = await AgentProcess.StartAsync(
            "--topic", "bad", "good", "--peer", middle.Address);
        await using ChildProcess refusing = PmqCommand.Start("verify", "--topic", "bad", flag, "--agent", middle.Grpc);
        await using ChildProcess accepting = PmqCommand.Start(
            "verify", "--topic", "good", "--accept", "--agent", middle.Grpc);
        await using ChildProcess judge = PmqCommand.Start("verify", "--accept", "--agent", last.Grpc);
        await using ChildProcess atMiddle = PmqCommand.Start("listen", "--agent", middle.Grpc);
        await using ChildProcess atLast = PmqCommand.Start("listen", "--agent", last.Grpc);
        foreach (ChildProcess process in new[] { refusing, accepting, judge, atMiddle, atLast })
        {
            await process.Errors.TakeAsync(_ => true);
        }

        foreach (string topic in new[] { "bad", "good" })
        {
            await first.MeshedAsync(topic, 1);
            await middle.MeshedAsync(topic, 2);
        }

        string bad = await first.PublishAsync("bad", "one");
        await refusing.Output.TakeAsync(line => line == $"{word} bad {bad}");
        await Eventually.HoldsAsync(async () => await middle.MetricAsync(
            $"pmq_validation_outcomes_total{{outcome=\"{(word == "reject" ? "Rejected" : "Ignored")}\"}}") == 1);
        string good = await first.PublishAsync("good", "two");

        await atMiddle.Output.TakeAsync(line => line == $"good {good} two");
        await atLast.Output.TakeAsync(line => line == $"good {good} two");
        Assert.Single(atMiddle.Output.Lines);
        Assert.Single(atLast.Output.Lines);
        Assert.Equal($"accept good {good}", Assert.Single(judge.Output.Lines));
    }

    [Fact]
    public async Task Without_a_verifier_messages_wait_and_are_then_ignored()
    {
        using var folder = new TemporaryFolder();
        string config = folder.Write("pmq.yaml", "pubsub:\n  msgValidator:\n    timeout: 2s\n");
        await using AgentProcess alice = await AgentProcess.StartAsync("--topic", "demo");
        await using AgentProcess bob = await AgentProcess.StartAsync(
            "--config", config, "--topic", "demo", "--peer", alice.Address);
        await using ChildProcess listener = PmqCommand.Start("listen", "--agent", bob.Grpc);
        await listener.Errors.TakeAsync(_ => true);
        await alice.MeshedAsync("demo", 1);

        await alice.PublishAsync("demo", "nobody judges it");
        await Eventually.HoldsAsync(async () => await bob.MetricAsync("pmq_validation_pending") == 1);

        // Once more at the next heartbeat, and then no more.
        await Eventually.HoldsAsync(
            async () => await bob.MetricAsync("pmq_validation_outcomes_total{outcome=\"TimedOut\"}") == 2);
        Assert.Equal(0, await bob.MetricAsync("pmq_validation_pending"));
        await using ChildProcess verifier = PmqCommand.Start("verify", "--accept", "--agent", bob.Grpc);
        await verifier.Errors.TakeAsync(_ => true);
        string judged = await alice.PublishAsync("demo", "judged");

        await listener.Output.TakeAsync(line => line == $"demo {judged} judged");

        Assert.Equal([$"demo {judged} judged"], listener.Output.Lines);
    }

    [Fact]
    public async Task A_verifier_that_is_killed_in_mid_stream_loses_no_message()
    {
        // Fewer than msgRouterQueueSize: a listener that is slow for a moment keeps them all.
        const int Count = 600;
        await using AgentProcess alice = await AgentProcess.StartAsync("--topic", "demo");
        await using AgentProcess bob = await AgentProcess.StartAsync("--topic", "demo", "--peer", alice.Address);
        await using ChildProcess listener = PmqCommand.Start(
            "listen", "--topic", "demo", "--count", "600", "--agent", bob.Grpc);
        await using ChildProcess killed = PmqCommand.Start("verify", "--accept", "--agent", bob.Grpc);
        await listener.Errors.TakeAsync(_ => true);
        await killed.Errors.TakeAsync(_ => true);
        await alice.MeshedAsync("demo", 1);

        var published = new HashSet<string>();
        for (int i = 0; i < Count; i++)
        {
            published.Add(await alice.PublishAsync("demo", $"message {i}"));
            if (i == Count / 2)
            {
                await killed.Output.TakeAsync(_ => true);
                killed.Kill();
            }
        }

        await killed.Exited;
        int judgedBefore = killed.Output.Lines.Count;
        await using ChildProcess back = PmqCommand.Start("verify", "--accept", "--agent", bob.Grpc);

        Assert.Equal(0, await listener.WaitForExitAsync());
        Assert.InRange(judgedBefore, 1, Count - 1);
        Assert.Equal(Count, published.Count);
        Assert.Equal(published.Order(), listener.Output.Lines.Select(line => line.Split(' ')[1]).Order());
    }

    [Fact]
    public async Task Verifier_and_listener_come_back_when_the_agent_restarts()
    {
        string[] flags = ["--topic", "demo", "--validation", "required"];
        await using AgentProcess alice = await AgentProcess.StartAsync("--topic", "demo");
        AgentProcess bob = await AgentProcess.StartAsync([.. flags, "--peer", alice.Address]);
        string grpc = bob.Grpc;
        await using ChildProcess verifier = PmqCommand.Start("verify", "--topic", "demo", "--accept", "--agent", grpc);
        await using ChildProcess listener = PmqCommand.Start("listen", "--topic", "demo", "--agent", grpc);
        await verifier.Errors.TakeAsync(line => line == "pmq: verifying demo");
        await listener.Errors.TakeAsync(line => line == "pmq: listening to demo");
        bob.Process.Kill();
        await bob.DisposeAsync();

        await using AgentProcess restarted = await AgentProcess.StartAsync(
            [.. flags, "--peer", alice.Address, "--grpc", grpc]);
        await verifier.Errors.TakeAsync(line => line == "pmq: verifying demo");
        await listener.Errors.TakeAsync(line => line == "pmq: listening to demo");
        await alice.MeshedAsync("demo", 1);
        string id = await alice.PublishAsync("demo", "again");

        await listener.Output.TakeAsync(line => line == $"demo {id} again");
    }
}
