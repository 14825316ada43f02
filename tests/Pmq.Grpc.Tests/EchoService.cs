using Google.Protobuf;
using Grpc.Core;
using Pmq.Grpc.Tests.Echo;

namespace Pmq.Grpc.Tests;

/// <summary>What the tests call.</summary>
internal sealed class EchoService : Echo.EchoService.EchoServiceBase
{
    private int _counted;

    /// <summary>A call of another method than Echo or Fail has come in.</summary>
    public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets Hang go.</summary>
    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How the first call that failed here saw its end.</summary>
    public TaskCompletionSource<Exception> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>True: a write of Count has had to wait. False: it came to its end without.</summary>
    public TaskCompletionSource<bool> Blocked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the last call of Echo knew of itself.</summary>
    public CallFacts? LastEcho { get; private set; }

    /// <summary>Is told the data that Echo is asked to echo.</summary>
    public Action<string>? OnEcho { get; set; }

    /// <summary>Messages that Count has written.</summary>
    public int Counted => Volatile.Read(ref _counted);

    public override async Task<EchoMessage> Echo(EchoMessage request, ServerCallContext context)
    {
        LastEcho = new CallFacts(context.Method, context.Host, context.Peer, context.Deadline, context.RequestHeaders);
        OnEcho?.Invoke(request.Data.ToStringUtf8());
        var headers = new Metadata();
        var echoed = context.RequestHeaders.Where(entry => entry.Key.StartsWith("x-", StringComparison.Ordinal));
        foreach (var entry in echoed)
        {
            headers.Add(entry);
            context.ResponseTrailers.Add(entry);
        }

        if (headers.Count > 0)
        {
            await context.WriteResponseHeadersAsync(headers);
        }

        return request;
    }

    public override Task<EchoMessage> Fail(FailRequest request, ServerCallContext context)
    {
        context.ResponseTrailers.Add("x-text", "trailer");
        context.ResponseTrailers.Add("x-bytes-bin", [0, 1, 255]);
        return request.Code switch
        {
            >= 0 and <= 16 => throw new RpcException(new Status((StatusCode)request.Code, request.Text)),
            17 => throw new InvalidOperationException(request.Text),
            18 => throw new OperationCanceledException(request.Text),
            _ => Task.FromResult<EchoMessage>(null!),
        };
    }

    public override async Task FailAfter(
        FailRequest request, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context)
    {
        for (var number = 0u; number < request.Messages; number++)
        {
            await responseStream.WriteAsync(new EchoMessage { Number = number });
        }

        await Fail(request, context);
    }

    public override async Task<EchoMessage> Hang(EchoMessage request, ServerCallContext context)
    {
        await RunAsync(() => Release.Task.WaitAsync(context.CancellationToken));
        return request;
    }

    public override Task<EchoMessage> Hold(IAsyncStreamReader<EchoMessage> requestStream, ServerCallContext context) =>
        Hang(new EchoMessage(), context);

    public override async Task Count(
        CountRequest request, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context)
    {
        var data = UnsafeByteOperations.UnsafeWrap(new byte[request.Size]);
        await RunAsync(async () =>
        {
            for (var number = 0ul; number < request.Count; number++)
            {
                var write = responseStream.WriteAsync(new EchoMessage { Number = number, Data = data });
                if (!write.IsCompleted)
                {
                    Blocked.TrySetResult(true);
                }

                await write;
                Interlocked.Increment(ref _counted);
            }

            Blocked.TrySetResult(false);
        });
    }

    public override async Task Hurry(
        CountRequest request, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context)
    {
        var data = UnsafeByteOperations.UnsafeWrap(new byte[request.Size]);
        var hasGivenUp = false;
        for (var number = 0ul; number < request.Count && !hasGivenUp; number++)
        {
            using var impatience = new CancellationTokenSource();
            var write = responseStream.WriteAsync(new EchoMessage { Number = number, Data = data }, impatience.Token);
            await impatience.CancelAsync();
            hasGivenUp = await Record.ExceptionAsync(() => write) is OperationCanceledException;
        }

        Blocked.TrySetResult(hasGivenUp);
        await responseStream.WriteAsync(new EchoMessage { Number = ulong.MaxValue });
    }

    public override async Task<SumResponse> Sum(
        IAsyncStreamReader<EchoMessage> requestStream, ServerCallContext context)
    {
        var response = new SumResponse();
        await RunAsync(async () =>
        {
            while (await requestStream.MoveNext())
            {
                response.Count++;
                response.Sum += requestStream.Current.Number;
                response.Bytes += (ulong)requestStream.Current.Data.Length;
            }
        });
        return response;
    }

    public override Task Chat(
        IAsyncStreamReader<EchoMessage> requestStream,
        IServerStreamWriter<EchoMessage> responseStream,
        ServerCallContext context) => RunAsync(async () =>
    {
        await context.WriteResponseHeadersAsync([]);
        while (await requestStream.MoveNext())
        {
            await responseStream.WriteAsync(requestStream.Current);
        }
    });

    private async Task RunAsync(Func<Task> body)
    {
        Entered.TrySetResult();
        try
        {
            await body();
        }
        catch (Exception exception)
        {
            Ended.TrySetResult(exception);
            throw;
        }
    }
}

/// <summary>What a call knows of itself.</summary>
internal sealed record CallFacts(string Method, string Host, string Peer, DateTime Deadline, Metadata RequestHeaders);
