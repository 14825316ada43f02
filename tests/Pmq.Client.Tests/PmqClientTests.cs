using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Google.Protobuf;
using Grpc.Core;
using Pmq.Protocol;

namespace Pmq.Client.Tests;

public sealed class PmqClientTests : IAsyncLifetime
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);
    private readonly CancellationTokenSource _timeout = new(Generous);
    private FakeAgent _agent = null!;
    private PmqClient _client = null!;

    private CancellationToken Timeout => _timeout.Token;

    private FakeServices Services => _agent.Services;

    public async ValueTask InitializeAsync()
    {
        _agent = await FakeAgent.StartAsync();
        _client = new PmqClient(new PmqClientOptions { Address = _agent.Address });
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _agent.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task Publish_returns_what_the_trailers_say()
    {
        Publication outcome = await _client.PublishAsync("t", "x"u8.ToArray(), Timeout);

        Assert.Equal(new Publication("tx", 3, 2, 1, true), outcome);
    }

    [Theory]
    [InlineData(3, PmqClientFault.BadArgument, false, "why")]
    [InlineData(8, PmqClientFault.Busy, true, "why")]
    [InlineData(16, PmqClientFault.Unauthorized, false, "the agent at {0} refuses the call: why")]
    [InlineData(7, PmqClientFault.Unauthorized, false, "the agent at {0} refuses the call: why")]
    [InlineData(9, PmqClientFault.NotAccepted, false, "why")]
    [InlineData(14, PmqClientFault.Unreachable, true, "the agent at {0} cannot be reached: why")]
    [InlineData(12, PmqClientFault.Failed, false, "the agent at {0} failed: Unimplemented: why")]
    public async Task Every_status_is_a_fault_with_one_line(
        int status, PmqClientFault fault, bool isTransient, string message)
    {
        Services.Failure = new Status((StatusCode)status, "why");

        var thrown = await Assert.ThrowsAsync<PmqClientException>(
            () => _client.PublishAsync("t", "x"u8.ToArray(), Timeout));

        Assert.Equal(fault, thrown.Reason);
        Assert.Equal(isTransient, thrown.IsTransient);
        Assert.Equal(string.Format(null, message, _agent.Address), thrown.Message);
    }

    [Fact]
    public async Task An_agent_that_is_not_there_is_named()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        string address = closed.LocalEndpoint.ToString()!;
        closed.Stop();
        using var client = new PmqClient(new PmqClientOptions { Address = address });

        PmqClientException[] faults =
        [
            await Assert.ThrowsAsync<PmqClientException>(() => client.SubscribeAsync("t", Timeout)),
            await Assert.ThrowsAsync<PmqClientException>(() => new Verifier(
                client, new VerifierOptions { FailsFast = true }, _ => AgentVerdict.Accept).RunAsync(Timeout)),
            await Assert.ThrowsAsync<PmqClientException>(async () =>
            {
                await foreach (AgentMessage _ in client.ListenAsync(new ListenSettings { FailsFast = true }, Timeout))
                {
                }
            }),
        ];

        Assert.All(faults, fault => Assert.Equal(
            $"the agent at {address} cannot be reached: Connection refused", fault.Message));
    }

    [Fact]
    public void An_address_that_is_none_is_refused() => Assert.Equal(
        "Address = nonsense: must be HOST:PORT or unix:PATH",
        Assert.Throws<PmqClientException>(() => new PmqClient(new PmqClientOptions { Address = "nonsense" })).Message);

    [Fact]
    public async Task A_cancelled_call_throws_the_cancellation_of_its_caller()
    {
        using var cancelled = new CancellationTokenSource();
        await using IAsyncEnumerator<AgentMessage> listening = _client
            .ListenAsync(new ListenSettings { OnConnected = cancelled.Cancel }, cancelled.Token)
            .GetAsyncEnumerator(CancellationToken.None);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await listening.MoveNextAsync());
    }

    [Fact]
    public async Task A_listener_subscribes_and_listens_again_when_the_agent_restarts()
    {
        var lost = new TaskCompletionSource<PmqClientException>(TaskCreationOptions.RunContinuationsAsynchronously);
        var settings = new ListenSettings
        {
            Topics = ["a"],
            Subscribes = true,
            OnDisconnected = fault => lost.TrySetResult(fault),
        };
        await using IAsyncEnumerator<AgentMessage> listening = _client.ListenAsync(settings, Timeout).GetAsyncEnumerator(Timeout);
        Services.ToListener.Writer.TryWrite(Message("a", "1", "one"));
        Assert.True(await listening.MoveNextAsync());
        Assert.Equal("a", await Services.Subscribed.Reader.ReadAsync(Timeout));

        ValueTask<bool> next = listening.MoveNextAsync();
        await RestartAsync();
        Services.ToListener.Writer.TryWrite(Message("a", "2", "two"));

        Assert.True(await next);
        Assert.Equal("2", listening.Current.MessageId);
        Assert.Equal("a", await Services.Subscribed.Reader.ReadAsync(Timeout));
        Assert.Equal(PmqClientFault.Unreachable, (await lost.Task).Reason);
    }

    [Fact]
    public async Task A_listener_subscribes_once_it_listens_so_that_it_misses_nothing_that_the_agent_accepts()
    {
        var settings = new ListenSettings { Topics = ["a", "b"], Subscribes = true };
        await using IAsyncEnumerator<AgentMessage> listening = _client.ListenAsync(settings, Timeout).GetAsyncEnumerator(Timeout);
        Services.ToListener.Writer.TryWrite(Message("a", "1", "one"));
        Assert.True(await listening.MoveNextAsync());

        Assert.Equal(1, await Services.ListenersAtSubscription.Reader.ReadAsync(Timeout));
        Assert.Equal(1, await Services.ListenersAtSubscription.Reader.ReadAsync(Timeout));
    }

    [Fact]
    public async Task An_agent_that_takes_the_connection_and_says_nothing_is_given_up_in_time()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var client = new PmqClient(new PmqClientOptions
        {
            Address = silent.LocalEndpoint.ToString()!,
            Timeout = TimeSpan.FromMilliseconds(300),
        });

        PmqClientException[] faults =
        [
            await Assert.ThrowsAsync<PmqClientException>(() => new Verifier(
                client, new VerifierOptions { FailsFast = true }, _ => AgentVerdict.Accept).RunAsync(Timeout)),
            await Assert.ThrowsAsync<PmqClientException>(async () =>
            {
                await foreach (AgentMessage _ in client.ListenAsync(new ListenSettings { FailsFast = true }, Timeout))
                {
                }
            }),
        ];

        Assert.All(faults, fault => Assert.Equal(PmqClientFault.Timeout, fault.Reason));
    }

    [Fact]
    public async Task An_agent_that_has_taken_a_listener_may_fail_and_be_whole_again()
    {
        var lost = new TaskCompletionSource<PmqClientException>(TaskCreationOptions.RunContinuationsAsynchronously);
        var settings = new ListenSettings
        {
            FailsFast = true,
            OnDisconnected = fault => lost.TrySetResult(fault),
        };
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Timeout);
        await using IAsyncEnumerator<AgentMessage> listening =
            _client.ListenAsync(settings, stopping.Token).GetAsyncEnumerator(Timeout);
        Services.ToListener.Writer.TryWrite(Message("a", "1", "one"));
        Assert.True(await listening.MoveNextAsync());

        Task<bool> next = listening.MoveNextAsync().AsTask();
        Services.ToListener.Writer.TryComplete(new RpcException(new Status(StatusCode.Internal, "broken")));

        Assert.Same(lost.Task, await Task.WhenAny(lost.Task, next));
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public void Options_print_no_token() => Assert.DoesNotContain(
        "secret", new PmqClientOptions { Token = "secret" }.ToString(), StringComparison.Ordinal);

    [Fact]
    public async Task Nothing_waits_for_the_callers_synchronization_context()
    {
        // A thread that waits for its own call, as the thread of a user interface may: what is posted to it never runs.
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new BlockedContext());
            var producer = new Producer(_client);
            _client.SubscribeAsync("t", Timeout).Wait(Timeout);
            _client.PublishAsync("t", "1"u8.ToArray(), Timeout).Wait(Timeout);
            Publication publication = producer.PublishAsync("t", "2"u8.ToArray(), Timeout).AsTask().Result;
            producer.DisposeAsync().AsTask().Wait(Timeout);
            using var stopping = new CancellationTokenSource();
            Task running = new Verifier(
                _client, new VerifierOptions { OnConnected = stopping.Cancel }, _ => AgentVerdict.Accept)
                .RunAsync(stopping.Token);
            running.Wait(Timeout);
            using var stoppingToo = new CancellationTokenSource();
            running = new Processor(_client, new ProcessorOptions { OnConnected = stoppingToo.Cancel }, _ => { })
                .RunAsync(stoppingToo.Token);
            running.Wait(Timeout);
            ended.SetResult(publication.MessageId);
        })
        { IsBackground = true };
        thread.Start();

        Assert.Equal("t2", await ended.Task.WaitAsync(Timeout));
    }

    [Fact]
    public void No_type_of_gRPC_or_protobuf_is_in_the_public_API()
    {
        IEnumerable<Type> types = typeof(PmqClient).Assembly.GetExportedTypes()
            .SelectMany(type => type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static))
            .SelectMany(Mentioned);

        Assert.DoesNotContain(types, type => type.Namespace is { } name
            && (name.StartsWith("Grpc", StringComparison.Ordinal) || name.StartsWith("Google", StringComparison.Ordinal)
                || name.StartsWith("Pmq.Grpc", StringComparison.Ordinal) || name.StartsWith(
                    "Pmq.Protocol", StringComparison.Ordinal)));
    }

    private sealed class BlockedContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }

    private static IEnumerable<Type> Mentioned(MemberInfo member) => member switch
    {
        MethodInfo method => method.GetParameters().Select(parameter => parameter.ParameterType)
            .Append(method.ReturnType).SelectMany(Parts),
        ConstructorInfo constructor => constructor.GetParameters().SelectMany(
            parameter => Parts(parameter.ParameterType)),
        PropertyInfo property => Parts(property.PropertyType),
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type) =>
        type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type) : [type];

    private static Message Message(string topic, string id, string data) =>
        new() { Topic = topic, MessageId = id, Data = ByteString.CopyFromUtf8(data) };

    private async Task RestartAsync()
    {
        string address = _agent.Address;
        FakeServices services = Services;
        await _agent.DisposeAsync();
        _agent = await FakeAgent.StartAsync(address, services);
    }
}
