using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Pmq.Grpc;
using Pmq.Grpc.Server;
using Pmq.Protocol;

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
    public FakeServices()
    {
        Control = new FakeControl(this);
        Router = new FakeRouter(this);
        Validation = new FakeValidation(this);
    }

    public FakeControl Control { get; }

    public FakeRouter Router { get; }

    public FakeValidation Validation { get; }

    /// <summary>What the next calls end with; OK by default.</summary>
    public Status Failure { get; set; } = Status.DefaultSuccess;

    public Channel<string> Subscribed { get; } = Channel.CreateUnbounded<string>();

    public Channel<Message> ToListener { get; } = Channel.CreateUnbounded<Message>();

    public Channel<Message> ToVerifier { get; } = Channel.CreateUnbounded<Message>();

    public Channel<ValidatedMessage> Verdicts { get; } = Channel.CreateUnbounded<ValidatedMessage>();

    public Channel<Metadata> Verifiers { get; } = Channel.CreateUnbounded<Metadata>();

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
            await context.WriteResponseHeadersAsync(Metadata.Empty);
            await foreach (Message message in services.ToListener.Reader.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(message);
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
            await foreach (Message message in services.ToVerifier.Reader.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(message);
                if (!await requestStream.MoveNext(context.CancellationToken))
                {
                    return;
                }

                services.Verdicts.Writer.TryWrite(requestStream.Current);
            }
        }
    }
}
