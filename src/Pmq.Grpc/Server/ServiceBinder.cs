using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Pmq.Grpc.Server;

/// <summary>Maps each method that the generated code names to an endpoint.</summary>
internal sealed class ServiceBinder(IEndpointRouteBuilder endpoints, GrpcServer server) : ServiceBinderBase
{
    /// <inheritdoc/>
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        Map(method, async call =>
        {
            var request = await call.ReadSingleAsync(method.RequestMarshaller);
            var response = await handler!(request, call);
            call.WriteSingle(response, method.ResponseMarshaller);
        });

    /// <inheritdoc/>
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        Map(method, async call =>
        {
            var response = await handler!(call.RequestStream(method.RequestMarshaller), call);
            call.WriteSingle(response, method.ResponseMarshaller);
        });

    /// <inheritdoc/>
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        Map(method, async call =>
        {
            var request = await call.ReadSingleAsync(method.RequestMarshaller);
            await handler!(request, call.ResponseStream(method.ResponseMarshaller), call);
        });

    /// <inheritdoc/>
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        Map(method, call => handler!(
            call.RequestStream(method.RequestMarshaller), call.ResponseStream(method.ResponseMarshaller), call));

    private void Map<TRequest, TResponse>(Method<TRequest, TResponse> method, Func<ServerCall, Task> invoke)
    {
        server.AddService(method.ServiceName);
        var handler = new CallHandler(server, method.FullName, method.Type == MethodType.Unary, invoke);
        endpoints.MapPost(method.FullName, handler.HandleAsync);
    }
}
