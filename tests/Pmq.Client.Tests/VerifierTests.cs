using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Pmq.Protocol;

namespace Pmq.Client.Tests;

public sealed class VerifierTests : IAsyncLifetime
{
    private const TaskCreationOptions Async = TaskCreationOptions.RunContinuationsAsynchronously;

    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromSeconds(60));
    private readonly CancellationTokenSource _stop = new();
    private FakeAgent _agent = null!;
    private PmqClient _client = null!;

    private CancellationToken Limit => _timeout.Token;

    private FakeServices Services => _agent.Services;

    public async ValueTask InitializeAsync()
    {
        _agent = await FakeAgent.StartAsync();
        _client = new PmqClient(_agent.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _agent.DisposeAsync();
        _timeout.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Every_message_gets_the_verdict_of_the_rules()
    {
        Task running = Run(new VerifierOptions { Topics = ["a", "b,c"], IsStateless = true }, Rule);

        Metadata headers = await Services.Verifiers.Reader.ReadAsync(Limit);
        Ask(0, 3000);
        Dictionary<string, ValidationResult> verdicts = await VerdictsAsync(3000);

        Assert.Equal("a,b%2Cc", headers.GetValue("pmq-topics"));
        Assert.Equal("stateless", headers.GetValue("pmq-mode"));
        Assert.Equal(3000, verdicts.Count);
        Assert.All(verdicts, pair => Assert.Equal(
            (int.Parse(pair.Key, null) % 3) switch
            {
                0 => ValidationResult.Accept,
                1 => ValidationResult.Reject,
                _ => ValidationResult.Ignore,
            },
            pair.Value));
        await StopAsync(running);
    }

    [Fact]
    public async Task No_more_than_MaxConcurrency_are_judged_at_once_and_all_of_them_are()
    {
        int underWay = 0;
        int most = 0;
        var full = new TaskCompletionSource(Async);
        var release = new TaskCompletionSource(Async);
        Task running = Run(new VerifierOptions { MaxConcurrency = 5 }, async (_, _) =>
        {
            int now = Interlocked.Increment(ref underWay);
            InterlockedMax(ref most, now);
            if (now == 5)
            {
                full.TrySetResult();
            }

            await release.Task;
            Interlocked.Decrement(ref underWay);
            return AgentVerdict.Accept;
        });

        Ask(0, 200);
        await full.Task.WaitAsync(Limit);
        release.SetResult();
        Assert.Equal(200, (await VerdictsAsync(200)).Count);

        Assert.Equal(5, most);
        await StopAsync(running);
    }

    [Fact]
    public async Task One_at_a_time_is_in_order()
    {
        var order = new ConcurrentQueue<string>();
        Task running = Run(new VerifierOptions { MaxConcurrency = 1 }, async (message, _) =>
        {
            await Task.Yield();
            order.Enqueue(message.MessageId);
            return AgentVerdict.Accept;
        });

        Ask(0, 300);
        await VerdictsAsync(300);

        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}"), order);
        await StopAsync(running);
    }

    [Fact]
    public async Task A_verdict_is_sent_as_it_comes_whatever_the_slower_ones_do()
    {
        var slow = new TaskCompletionSource<AgentVerdict>(Async);
        Task running = Run(new VerifierOptions(), (message, _) =>
            message.MessageId == "0" ? new ValueTask<AgentVerdict>(slow.Task) : new(AgentVerdict.Accept));

        Ask(0, 100);
        Assert.DoesNotContain("0", await VerdictsAsync(99));
        slow.SetResult(AgentVerdict.Reject);

        Assert.Equal(ValidationResult.Reject, (await VerdictsAsync(1))["0"]);
        await StopAsync(running);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_ignores_the_message_and_is_reported(bool isSynchronous)
    {
        var faults = new ConcurrentQueue<(string, Exception)>();
        var options = new VerifierOptions
        {
            OnFault = (message, fault) =>
            {
                faults.Enqueue((message.MessageId, fault));
                throw new InvalidOperationException("so does the callback");
            },
        };
        Task running = Run(options, async (message, _) =>
        {
            if (!isSynchronous)
            {
                await Task.Yield();
            }

            return message.MessageId == "1" ? throw new InvalidDataException("ours") : AgentVerdict.Accept;
        });

        Ask(0, 3);
        Dictionary<string, ValidationResult> verdicts = await VerdictsAsync(3);

        Assert.Equal(ValidationResult.Ignore, verdicts["1"]);
        Assert.Equal(ValidationResult.Accept, verdicts["2"]);
        (string id, Exception thrown) = Assert.Single(faults);
        Assert.Equal("1", id);
        Assert.IsType<InvalidDataException>(thrown);
        await StopAsync(running);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rules_that_take_too_long_ignore_the_message_and_keep_their_place(bool heedsItsToken)
    {
        var faults = new ConcurrentQueue<Exception>();
        var never = new TaskCompletionSource<AgentVerdict>(Async);
        var options = new VerifierOptions
        {
            Timeout = TimeSpan.FromMilliseconds(200),
            MaxConcurrency = 2,
            OnFault = (_, fault) => faults.Enqueue(fault),
        };
        Task running = Run(options, (message, cancellationToken) => message.MessageId == "0"
            ? new ValueTask<AgentVerdict>(heedsItsToken ? never.Task.WaitAsync(cancellationToken) : never.Task)
            : new(AgentVerdict.Accept));

        Ask(0, 1);
        Assert.Equal(ValidationResult.Ignore, (await VerdictsAsync(1))["0"]);
        Ask(1, 500);

        Assert.Equal(500, (await VerdictsAsync(500)).Count);
        Assert.Contains("0.2 s", Assert.IsType<TimeoutException>(Assert.Single(faults)).Message, StringComparison.Ordinal);
        never.SetResult(AgentVerdict.Accept);
        await StopAsync(running);
    }

    [Fact]
    public async Task Stopping_sends_the_verdicts_given_and_cancels_the_rest()
    {
        var started = new TaskCompletionSource(Async);
        Task running = Run(new VerifierOptions { MaxConcurrency = 64 }, async (message, cancellationToken) =>
        {
            if (message.MessageId == "50")
            {
                started.SetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return AgentVerdict.Accept;
        });

        Ask(0, 51);
        await started.Task.WaitAsync(Limit);
        await StopAsync(running);
        Services.Verdicts.Writer.Complete();

        List<ValidatedMessage> verdicts = [];
        await foreach (ValidatedMessage verdict in Services.Verdicts.Reader.ReadAllAsync(Limit))
        {
            verdicts.Add(verdict);
        }

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}").Order(), verdicts.Select(v => v.Msg.MessageId).Order());
    }

    [Fact]
    public async Task A_message_asked_for_again_after_a_break_is_answered_without_judging_again()
    {
        var judged = new ConcurrentQueue<string>();
        var started = new TaskCompletionSource(Async);
        var release = new TaskCompletionSource<AgentVerdict>(Async);
        Task running = Run(new VerifierOptions(), (message, _) =>
        {
            judged.Enqueue(message.MessageId);
            if (message.MessageId == "1")
            {
                started.SetResult();
                return new ValueTask<AgentVerdict>(release.Task);
            }

            return new ValueTask<AgentVerdict>(AgentVerdict.Reject);
        });
        Ask(0, 2);
        await VerdictsAsync(1);
        await started.Task.WaitAsync(Limit);

        await RestartAsync();
        await Services.Verifiers.Reader.ReadAsync(Limit);
        await Services.Verifiers.Reader.ReadAsync(Limit);
        Ask(0, 3);
        Dictionary<string, ValidationResult> verdicts = await VerdictsAsync(2);
        Assert.Equal(ValidationResult.Reject, verdicts["0"]);
        release.SetResult(AgentVerdict.Accept);

        Assert.Equal(ValidationResult.Accept, (await VerdictsAsync(1))["1"]);
        Assert.Equal(["0", "1", "2"], judged.Order());
        await StopAsync(running);
    }

    [Fact]
    public async Task A_verifier_waits_for_an_agent_that_is_not_there_yet_and_reports_each_loss()
    {
        string address = _agent.Address;
        FakeServices services = Services;
        await _agent.DisposeAsync();
        var lost = new TaskCompletionSource<PmqClientException>(Async);
        Task running = Run(new VerifierOptions { OnDisconnected = fault => lost.TrySetResult(fault) }, Rule);
        Assert.Equal(PmqClientFault.Unreachable, (await lost.Task.WaitAsync(Limit)).Reason);

        _agent = await FakeAgent.StartAsync(address, services);
        Ask(0, 1);

        Assert.Equal(ValidationResult.Accept, (await VerdictsAsync(1))["0"]);
        await StopAsync(running);
    }

    [Fact]
    public async Task An_agent_that_does_not_allow_it_ends_the_run()
    {
        Services.Failure = new Status(StatusCode.PermissionDenied, "no");

        var thrown = await Assert.ThrowsAsync<PmqClientException>(() => Run(new VerifierOptions(), Rule));

        Assert.Equal(PmqClientFault.Unauthorized, thrown.Reason);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_before_or_while_connecting_ends_in_order()
    {
        await _stop.CancelAsync();
        await Run(new VerifierOptions(), Rule);

        await _agent.DisposeAsync();
        using var stop = new CancellationTokenSource();
        Task running = new Verifier(
            _client, new VerifierOptions { OnDisconnected = _ => stop.Cancel() }, Rule).RunAsync(stop.Token);
        await running.WaitAsync(Limit);
    }

    [Fact]
    public async Task The_end_of_the_client_ends_the_run()
    {
        Task running = Run(new VerifierOptions(), Rule);
        await Services.Verifiers.Reader.ReadAsync(Limit);

        _client.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => running.WaitAsync(Limit));
    }

    [Fact]
    public async Task A_verifier_that_is_slow_holds_only_what_it_may()
    {
        var release = new TaskCompletionSource<AgentVerdict>(Async);
        int begun = 0;
        Task running = Run(new VerifierOptions { MaxConcurrency = 4 }, (_, _) =>
        {
            Interlocked.Increment(ref begun);
            return new ValueTask<AgentVerdict>(release.Task);
        });

        // More than gRPC's windows and buffers hold: what the verifier does not take stays with the agent.
        var large = ByteString.CopyFrom(new byte[256 * 1024]);
        for (int i = 0; i < 200; i++)
        {
            Services.ToVerifier.Writer.TryWrite(new Message { Topic = "a", MessageId = $"{i}", Data = large });
        }

        await Services.Verifiers.Reader.ReadAsync(Limit);
        while (Volatile.Read(ref begun) < 4)
        {
            await Task.Yield();
        }

        Assert.InRange(Services.ToVerifier.Reader.Count, 100, 200);
        release.SetResult(AgentVerdict.Accept);
        Assert.Equal(200, (await VerdictsAsync(200)).Count);
        await StopAsync(running);
    }

    [Theory]
    [InlineData(0, 1, "a", "MaxConcurrency = 0: must be 1 to 65536")]
    [InlineData(1, 0, "a", "Timeout = 00:00:00: must be more than zero and at most one day")]
    [InlineData(1, 1, "", "Topics[0] = \"\": must be the name of a topic")]
    public void An_option_out_of_range_is_named(int maxConcurrency, int seconds, string topic, string message) =>
        Assert.Equal(message, Assert.Throws<PmqClientException>(() => new Verifier(
            _client,
            new VerifierOptions
            {
                MaxConcurrency = maxConcurrency,
                Timeout = TimeSpan.FromSeconds(seconds),
                Topics = [topic],
            },
            Rule)).Message);

    [Fact]
    public void A_list_without_a_topic_is_refused_and_never_taken_for_all()
    {
        const string Message = "Topics = []: must be at least one topic, or null for all";
        Assert.Equal(Message, Assert.Throws<PmqClientException>(
            () => new Verifier(_client, new VerifierOptions { Topics = [] }, Rule)).Message);
        Assert.Equal(Message, Assert.Throws<PmqClientException>(
            () => new Processor(_client, new ProcessorOptions { Topics = [] }, _ => { })).Message);
    }

    private static void InterlockedMax(ref int most, int now)
    {
        int seen = Volatile.Read(ref most);
        while (now > seen && Interlocked.CompareExchange(ref most, now, seen) is int other && other != seen)
        {
            seen = other;
        }
    }

    private static ValueTask<AgentVerdict> Rule(AgentMessage message, CancellationToken cancellationToken) =>
        ValueTask.FromResult((int.Parse(message.MessageId, null) % 3) switch
        {
            0 => AgentVerdict.Accept,
            1 => AgentVerdict.Reject,
            _ => AgentVerdict.Ignore,
        });

    private Task Run(
        VerifierOptions options, Func<AgentMessage, CancellationToken, ValueTask<AgentVerdict>> rules) =>
        new Verifier(_client, options, rules).RunAsync(_stop.Token);

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running.WaitAsync(Limit);
    }

    private void Ask(int start, int count)
    {
        for (int i = start; i < start + count; i++)
        {
            Services.ToVerifier.Writer.TryWrite(
                new Message { Topic = "a", MessageId = $"{i}", Data = ByteString.CopyFromUtf8("x") });
        }
    }

    private async Task<Dictionary<string, ValidationResult>> VerdictsAsync(int count)
    {
        Dictionary<string, ValidationResult> verdicts = [];
        for (int i = 0; i < count; i++)
        {
            ValidatedMessage verdict = await Services.Verdicts.Reader.ReadAsync(Limit);
            verdicts.Add(verdict.Msg.MessageId, verdict.Result);
        }

        return verdicts;
    }

    private async Task RestartAsync()
    {
        string address = _agent.Address;
        FakeServices services = Services;
        await _agent.DisposeAsync();
        _agent = await FakeAgent.StartAsync(address, services);
    }
}
