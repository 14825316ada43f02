using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Pmq.Grpc;
using Pmq.Grpc.Server;
using Pmq.Protocol;
using Pmq.Protocol.V1;

namespace Pmq.Client.Tests;

/// <summary>An agent that does only what a test tells it to, over the gRPC server that real agents use.</summary>
internal sealed class FakeAgent : IAsyncDisposable
{
    private readonly WebApplication _server;

    private FakeAgent(WebApplication server, FakeServices services)
    {
        _server = server;
        Services = services;
        Address = server.Services.GetRequiredService<GrpcServer>().Addresses[0].ToString();
    }

    public string Address { get; }

    public FakeServices Services { get; }

    public static async Task<FakeAgent> StartAsync(string address = "127.0.0.1:0", FakeServices? services = null)
    {
        services ??= new FakeServices();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseGrpc(new GrpcServerOptions(), [GrpcAddress.Parse(address)]);
        WebApplication server = builder.Build();
        server.MapGrpcService(services.Control);
        server.MapGrpcService(services.Router);
        server.MapGrpcService(services.Validation);
        if (services.HasPublisher)
        {
            server.MapGrpcService(services.Publisher);
        }

        await server.StartAsync();
        return new FakeAgent(server, services);
    }

    /// <summary>Ends every call and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        await _server.DisposeAsync();
    }
}

/// <summary>
/// The services of a <see cref="FakeAgent"/>; they outlive it, so that a test sees what a restart does.
/// </summary>
internal sealed class FakeServices
{
    private int _listeners;

    public FakeServices()
    {
        Control = new FakeControl(this);
        Router = new FakeRouter(this);
        Validation = new FakeValidation(this);
        Publisher = new FakePublisher(this);
    }

    public FakeControl Control { get; }

    public FakeRouter Router { get; }

    public FakeValidation Validation { get; }

    public FakePublisher Publisher { get; }

    /// <summary>Whether the agent knows the publishing stream; the first agents do not.</summary>
    public bool HasPublisher { get; set; } = true;

    /// <summary>What became of an item; null gives no receipt. By default it is published.</summary>
    public Func<PublishItem, PublishReceipt?> Publish { get; set; } = Receipt;

    /// <summary>Every item that came over a publishing stream.</summary>
    public Channel<PublishItem> Published { get; } = Channel.CreateUnbounded<PublishItem>();

    /// <summary>What a listener is told to have lost when its stream ends.</summary>
    public int Dropped { get; set; }

    /// <summary>What the next calls end with; OK by default.</summary>
    public Status Failure { get; set; } = Status.DefaultSuccess;

    public Channel<string> Subscribed { get; } = Channel.CreateUnbounded<string>();

    /// <summary>How many streams listeners had opened, at each subscription.</summary>
    public Channel<int> ListenersAtSubscription { get; } = Channel.CreateUnbounded<int>();

    public Channel<Message> ToListener { get; } = Channel.CreateUnbounded<Message>();

    public Channel<Message> ToVerifier { get; } = Channel.CreateUnbounded<Message>();

    public Channel<ValidatedMessage> Verdicts { get; } = Channel.CreateUnbounded<ValidatedMessage>();

    public Channel<Metadata> Verifiers { get; } = Channel.CreateUnbounded<Metadata>();

    public static PublishReceipt Receipt(PublishItem item) => new()
    {
        ClientRef = item.ClientRef,
        MessageId = item.Topic + item.Data.ToStringUtf8(),
        Sent = 1,
    };

    private void Check()
    {
        if (Failure.StatusCode != StatusCode.OK)
        {
            throw new RpcException(Failure);
        }
    }

    internal sealed class FakeControl(FakeServices services) : ControlService.ControlServiceBase
    {
        public override Task<PublishResponse> Publish(PublishRequest request, ServerCallContext context)
        {
            services.Check();
            context.ResponseTrailers.Add("pmq-sent", "3");
            context.ResponseTrailers.Add("pmq-queued", "2");
            context.ResponseTrailers.Add("pmq-dropped", "1");
            context.ResponseTrailers.Add("pmq-duplicate", "true");
            return Task.FromResult(new PublishResponse { MessageId = request.Topic + request.Data.ToStringUtf8() });
        }

        public override Task<SubscribeResponse> Subscribe(SubscribeRequest request, ServerCallContext context)
        {
            services.Check();
            services.ListenersAtSubscription.Writer.TryWrite(services._listeners);
            services.Subscribed.Writer.TryWrite(request.Topic);
            return Task.FromResult(new SubscribeResponse());
        }
    }

    internal sealed class FakeRouter(FakeServices services) : MsgRouter.MsgRouterBase
    {
        public override async Task Listen(
            ListenRequest request, IServerStreamWriter<Message> responseStream, ServerCallContext context)
        {
            services.Check();
            Interlocked.Increment(ref services._listeners);
            await context.WriteResponseHeadersAsync(Metadata.Empty);
            await foreach (Message message in services.ToListener.Reader.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(message);
            }

            context.ResponseTrailers.Add("pmq-dropped", services.Dropped.ToString(null, null));
        }
    }

    internal sealed class FakePublisher(FakeServices services) : PublisherService.PublisherServiceBase
    {
        public override async Task Publish(
            IAsyncStreamReader<PublishItem> requestStream,
            IServerStreamWriter<PublishReceipt> responseStream,
            ServerCallContext context)
        {
            services.Check();
            await context.WriteResponseHeadersAsync(Metadata.Empty);
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                PublishItem item = requestStream.Current;
                PublishReceipt? receipt = services.Publish(item);
                services.Published.Writer.TryWrite(item);
                if (receipt is not null)
                {
                    await responseStream.WriteAsync(receipt);
                }
            }
        }
    }

    internal sealed class FakeValidation(FakeServices services) : ValidationRouter.ValidationRouterBase
    {
        public override async Task Handle(
            IAsyncStreamReader<ValidatedMessage> requestStream,
            IServerStreamWriter<Message> responseStream,
            ServerCallContext context)
        {
            services.Check();
            services.Verifiers.Writer.TryWrite(context.RequestHeaders);
            await context.WriteResponseHeadersAsync(Metadata.Empty);
            _ = SendAsync(responseStream, context.CancellationToken);
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                services.Verdicts.Writer.TryWrite(requestStream.Current.Clone());
            }
        }

        private async Task SendAsync(IServerStreamWriter<Message> stream, CancellationToken cancellationToken)
        {
            await foreach (Message message in services.ToVerifier.Reader.ReadAllAsync(cancellationToken))
            {
                await stream.WriteAsync(message, cancellationToken);
            }
        }
    }
}
