using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1;
using Pmq.Client;
using Pmq.Grpc.Client;
using Pmq.Protocol;
using Pmq.Protocol.V1;

namespace Pmq.Agent.Tests;

/// <summary>What the services do at their edges, called as any gRPC client would.</summary>
public sealed class ServiceTests : IAsyncLifetime
{
    private const string Topic = "network.reports";
    private readonly CancellationTokenSource _timeout = new(Waits.Generous);
    private TestAgent _alice = null!;
    private TestAgent _bob = null!;
    private GrpcChannel _channel = null!;

    private CancellationToken Timeout => _timeout.Token;

    public async ValueTask InitializeAsync()
    {
        _alice = await TestAgent.StartAsync(("--topic", Topic));
        _bob = await TestAgent.StartAsync(("--topic", Topic), ("--peer", _alice.Address));
        _channel = _bob.Channel();
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _bob.DisposeAsync();
        await _alice.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task What_cannot_be_published_is_refused_with_a_reason()
    {
        PmqClient client = _alice.Client();

        PmqClientException empty = await Assert.ThrowsAsync<PmqClientException>(
            () => client.PublishAsync(Topic, ReadOnlyMemory<byte>.Empty, Timeout));
        PmqClientException large = await Assert.ThrowsAsync<PmqClientException>(
            () => client.PublishAsync(Topic, new byte[1024 * 1024], Timeout));
        PmqClientException nameless = await Assert.ThrowsAsync<PmqClientException>(
            () => client.SubscribeAsync("", Timeout));

        Assert.All([empty, large, nameless], fault => Assert.Equal(PmqClientFault.BadArgument, fault.Reason));
        Assert.Contains("empty", empty.Message, StringComparison.Ordinal);
        Assert.Contains("maxMessageSize", large.Message, StringComparison.Ordinal);
        Assert.Contains("topic", nameless.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_outcome_of_a_publication_comes_as_trailers()
    {
        await Waits.ForMeshAsync(_bob.Client(), Topic, Timeout);
        var control = new ControlService.ControlServiceClient(_channel);

        using var call = control.PublishAsync(new PublishRequest
        {
            Topic = Topic,
            Data = Google.Protobuf.ByteString.CopyFromUtf8("x"),
        });
        await call.ResponseAsync;

        Metadata trailers = call.GetTrailers();
        Assert.Equal("1", trailers.GetValue("pmq-sent"));
        Assert.Equal("0", trailers.GetValue("pmq-queued"));
        Assert.Equal("0", trailers.GetValue("pmq-dropped"));
        Assert.Equal("false", trailers.GetValue("pmq-duplicate"));
    }

    [Fact]
    public async Task NIL_counts_as_ignore_and_a_verdict_names_topic_and_id()
    {
        await using var listener = new RunningListener(_bob.Client(), Topic);
        await listener.Attached;
        using var call = new ValidationRouter.ValidationRouterClient(_channel).Handle(cancellationToken: Timeout);
        await call.ResponseHeadersAsync;
        await Waits.ForMeshAsync(_alice.Client(), Topic, Timeout);

        await _alice.Client().PublishAsync(Topic, "nil"u8.ToArray(), Timeout);
        Message first = await NextAsync(call);
        await call.RequestStream.WriteAsync(new ValidatedMessage { Result = ValidationResult.Nil, Msg = Key(first) });
        await _alice.Client().PublishAsync(Topic, "accepted"u8.ToArray(), Timeout);
        Message second = await NextAsync(call);

        // Neither of these three matches what waits: it stays undecided until the last.
        await call.RequestStream.WriteAsync(new ValidatedMessage { Result = ValidationResult.Reject });
        await call.RequestStream.WriteAsync(new ValidatedMessage
        {
            Result = ValidationResult.Reject,
            Msg = new Message { Topic = "other", MessageId = second.MessageId },
        });
        await call.RequestStream.WriteAsync(new ValidatedMessage
        {
            Result = ValidationResult.Reject,
            Msg = new Message { Topic = Topic, MessageId = "zz" },
        });
        await call.RequestStream.WriteAsync(
            new ValidatedMessage { Result = ValidationResult.Accept, Msg = Key(second) });

        Assert.Equal(second.MessageId, (await listener.NextAsync(Timeout)).MessageId);
    }

    [Fact]
    public async Task A_verifier_is_handed_only_the_topics_that_it_names()
    {
        const string Odd = "caf\u00e9,100%";
        await _bob.Client().SubscribeAsync(Odd, Timeout);
        await _alice.Client().SubscribeAsync(Odd, Timeout);
        await using var verifier = new RunningVerifier(_bob.Client(), Odd, AgentVerdict.Accept);
        await using var listener = new RunningListener(_bob.Client());
        await verifier.Attached;
        await listener.Attached;
        await Waits.ForMeshAsync(_alice.Client(), Topic, Timeout);
        await Waits.ForMeshAsync(_alice.Client(), Odd, Timeout);

        await _alice.Client().PublishAsync(Topic, "not its topic"u8.ToArray(), Timeout);
        await _alice.Client().PublishAsync(Odd, "its topic"u8.ToArray(), Timeout);

        Assert.Equal(Odd, (await listener.NextAsync(Timeout)).Topic);
        Assert.Single(verifier.Judged);
    }

    [Fact]
    public async Task An_unknown_mode_of_a_verifier_is_refused()
    {
        using var call = new ValidationRouter.ValidationRouterClient(_channel).Handle(
            new Metadata { { "pmq-mode", "fast" } }, cancellationToken: Timeout);

        RpcException fault = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Timeout));

        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
        Assert.Equal("pmq-mode: fast: must be stateless, or absent", fault.Status.Detail);
    }

    [Fact]
    public async Task A_verifier_that_closes_its_side_leaves_and_what_it_held_goes_to_the_next()
    {
        await using var listener = new RunningListener(_bob.Client(), Topic);
        await listener.Attached;
        await Waits.ForMeshAsync(_alice.Client(), Topic, Timeout);
        using (var call = new ValidationRouter.ValidationRouterClient(_channel).Handle(cancellationToken: Timeout))
        {
            await call.ResponseHeadersAsync;
            await _alice.Client().PublishAsync(Topic, "held"u8.ToArray(), Timeout);
            await NextAsync(call);
            await call.RequestStream.CompleteAsync();
            Assert.False(await call.ResponseStream.MoveNext(Timeout));
        }

        await using var next = new RunningVerifier(_bob.Client(), Topic, AgentVerdict.Accept);

        Assert.Equal("held"u8.ToArray(), (await listener.NextAsync(Timeout)).Data.ToArray());
    }

    [Fact]
    public async Task A_rate_below_zero_is_refused()
    {
        using var call = new MsgRouter.MsgRouterClient(_channel).Listen(
            new ListenRequest { MaxRate = -1 }, cancellationToken: Timeout);

        RpcException fault = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Timeout));

        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
        Assert.Equal("max_rate = -1: must be 0 (no limit) or more", fault.Status.Detail);
    }

    [Fact]
    public async Task The_streaming_publish_answers_each_item_in_order_and_goes_on_after_a_refusal()
    {
        using var call = new PublisherService.PublisherServiceClient(_channel).Publish(cancellationToken: Timeout);
        string[] texts = ["one", "", "three", "one"];
        for (int i = 0; i < texts.Length; i++)
        {
            await call.RequestStream.WriteAsync(new PublishItem
            {
                Topic = Topic,
                Data = Google.Protobuf.ByteString.CopyFromUtf8(texts[i]),
                ClientRef = (ulong)i + 10,
            });
        }

        await call.RequestStream.CompleteAsync();
        var receipts = new List<PublishReceipt>();
        await foreach (PublishReceipt receipt in call.ResponseStream.ReadAllAsync(Timeout))
        {
            receipts.Add(receipt);
        }

        Assert.Equal([10UL, 11, 12, 13], receipts.Select(receipt => receipt.ClientRef));
        Assert.Equal(
            [PublishError.None, PublishError.EmptyData, PublishError.None, PublishError.None],
            receipts.Select(receipt => receipt.Error));
        Assert.Equal("", receipts[1].MessageId);
        Assert.NotEqual("", receipts[1].ErrorText);
        Assert.Equal(receipts[0].MessageId, receipts[3].MessageId);
    }

    [Fact]
    public async Task Every_service_is_healthy_and_listed_by_reflection()
    {
        var health = new Health.HealthClient(_channel);
        using var reflection = new ServerReflection.ServerReflectionClient(_channel)
            .ServerReflectionInfo(cancellationToken: Timeout);
        await reflection.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.True(await reflection.ResponseStream.MoveNext(Timeout));

        string[] services = [.. reflection.ResponseStream.Current.ListServicesResponse.Service.Select(s => s.Name)];

        Assert.Equal(
            [
                "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
                "pmq.v1.PeerService", "pmq.v1.PublisherService",
                "proto.ControlService", "proto.MsgRouter", "proto.ValidationRouter",
            ],
            services.Order(StringComparer.Ordinal));
        foreach (string service in services.Append(""))
        {
            HealthCheckResponse response = await health.CheckAsync(
                new HealthCheckRequest { Service = service }, cancellationToken: Timeout);
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, response.Status);
        }
    }

    private static Message Key(Message message) => new() { Topic = message.Topic, MessageId = message.MessageId };

    private async Task<Message> NextAsync(AsyncDuplexStreamingCall<ValidatedMessage, Message> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(Timeout));
        return call.ResponseStream.Current;
    }
}
