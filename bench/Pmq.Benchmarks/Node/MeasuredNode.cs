using System.Diagnostics;
using System.Text.Json.Nodes;
using Pmq.Benchmarks.AgentPath;
using Pmq.Benchmarks.Peer;
using Pmq.Client;
using Pmq.Verifiers;

namespace Pmq.Benchmarks.Node;

/// <summary>A node over the SDK: a producer, or a verifier with a processor.</summary>
internal sealed class MeasuredNode : IScripted, IMessageVerifier, IMessageProcessor
{
    public const string Topic = "bench";

    private readonly Counters _counters = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _loops = [];
    private readonly TaskCompletionSource _verifying = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PmqClient? _client;
    private Progress? _progress;
    private QuorumVerifier? _quorum;
    private long _published;
    private volatile int _rate;
    private long _refused;

    private PmqClient Client => _client ?? throw new InvalidOperationException("not started");

    private Progress Progress => _progress ?? throw new InvalidOperationException("not started");

    public async Task<JsonObject> HandleAsync(string op, JsonObject arguments)
    {
        switch (op)
        {
            case "start":
                _client = new PmqClient(new PmqClientOptions { Address = Text(arguments, "agent") });
                _progress = new Progress(Text(arguments, "progress"));
                break;
            case "consume":
                await ConsumeAsync(arguments["quorum"] as JsonObject);
                break;
            case "produce":
                _loops.Add(ProduceAsync(
                    new Messages(arguments["reports"]?.GetValue<string>()), arguments["underWay"]!.GetValue<int>()));
                break;
            case "pace":
                _rate = arguments["rate"]!.GetValue<int>();
                break;
            case "stop":
                await StopAsync();
                return new JsonObject { ["published"] = _published };
            case "count":
                return new JsonObject { ["delivered"] = _counters.Count, ["refused"] = _refused };
            case "measure":
                return await _counters.MeasureAsync(
                    arguments["seconds"]!.GetValue<double>(), arguments["latency"]!.GetValue<bool>(), _stopping.Token);
            default:
                throw new ArgumentException($"unknown op {op}");
        }

        return [];
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_loops);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await (_quorum?.DisposeAsync() ?? ValueTask.CompletedTask);
        _client?.Dispose();
        _progress?.Dispose();
        _counters.Dispose();
        _stopping.Dispose();
    }

    public async ValueTask<AgentVerdict> VerifyAsync(AgentMessage message, CancellationToken cancellationToken)
    {
        AgentVerdict verdict = _quorum is { } quorum
            ? await quorum.VerifyAsync(message, cancellationToken)
            : AgentVerdict.Accept;
        if (verdict != AgentVerdict.Accept)
        {
            Interlocked.Increment(ref _refused);
        }

        return verdict;
    }

    public ValueTask ProcessAsync(AgentMessage message, CancellationToken cancellationToken)
    {
        _counters.Add(message.Data.Length);
        if (_counters.IsTimed)
        {
            _counters.AddLatency(Progress.PublishedAt(Messages.NumberOf(message.Data, _quorum is not null)));
        }

        Progress.Delivered = _counters.Count;
        return ValueTask.CompletedTask;
    }

    private static string Text(JsonObject arguments, string name) => arguments[name]!.GetValue<string>();

    private async Task ConsumeAsync(JsonObject? quorum)
    {
        _quorum = quorum is null
            ? null
            : new QuorumVerifier(new QuorumVerifierOptions { Networks = ReportFile.Read(quorum, Topic) });
        var verifier = new Verifier(
            Client, new VerifierOptions { Topics = [Topic], OnConnected = () => _verifying.TrySetResult() }, this);
        var processor = new Processor(
            Client, new ProcessorOptions { Topics = [Topic], OnConnected = () => _listening.TrySetResult() }, this);
        _loops.Add(verifier.RunAsync(_stopping.Token));
        _loops.Add(processor.RunAsync(_stopping.Token));
        await Task.WhenAll(_verifying.Task, _listening.Task);
    }

    /// <summary>Publishes as fast as it goes until it is paced.</summary>
    private async Task ProduceAsync(Messages messages, int underWay)
    {
        await Task.Yield();
        try
        {
            await using var producer = new Producer(Client);
            await FillAsync(producer, messages, underWay);
            if (_rate > 0)
            {
                await PaceAsync(producer, messages, _rate);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Over.
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"produce: {e}");
        }
    }

    /// <summary>Publishes as fast as it is delivered: at most so many messages are under way at once.</summary>
    private async Task FillAsync(Producer producer, Messages messages, int underWay)
    {
        var answers = new Queue<Task<Publication>>();
        while (_rate == 0 && !_stopping.IsCancellationRequested)
        {
            if (_published - Progress.Delivered >= underWay)
            {
                await Task.Delay(1, CancellationToken.None); // What is under way is waited for in any case.
                continue;
            }

            answers.Enqueue(PublishAsync(producer, messages));
            while (answers.Count > underWay || (answers.TryPeek(out Task<Publication>? first) && first.IsCompleted))
            {
                await answers.Dequeue();
            }
        }

        foreach (Task<Publication> answer in answers)
        {
            await answer;
        }
    }

    private async Task PaceAsync(Producer producer, Messages messages, int rate)
    {
        TimeSpan period = TimeSpan.FromSeconds(1.0 / rate);
        long start = Stopwatch.GetTimestamp();
        for (long i = 0; !_stopping.IsCancellationRequested; i++)
        {
            TimeSpan early = (period * i) - Stopwatch.GetElapsedTime(start);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, _stopping.Token);
            }

            await PublishAsync(producer, messages);
        }
    }

    private Task<Publication> PublishAsync(Producer producer, Messages messages)
    {
        long number = _published++;
        Progress.Publish(number);
        return producer.PublishAsync(Topic, messages[number]).AsTask();
    }
}
