using Grpc.Core;

namespace Pmq.Grpc.Client;

/// <summary>Starts the calls of generated clients over a channel.</summary>
internal sealed class HttpCallInvoker(GrpcChannel channel) : CallInvoker
{
    /// <inheritdoc/>
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var call = AsyncUnaryCall(method, host, options, request);
        return call.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new ClientCall<TRequest, TResponse>(channel, method, options);
        call.Start(SingleContent.Of(request, method.RequestMarshaller));
        return new AsyncUnaryCall<TResponse>(call, call.ReadSingleAsync());
    }

    /// <inheritdoc/>
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new ClientCall<TRequest, TResponse>(channel, method, options);
        call.Start(SingleContent.Of(request, method.RequestMarshaller));
        return new AsyncServerStreamingCall<TResponse>(call, call);
    }

    /// <inheritdoc/>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new ClientCall<TRequest, TResponse>(channel, method, options);
        var requests = StartStream(call, method);
        return new AsyncClientStreamingCall<TRequest, TResponse>(call, requests, call.ReadSingleAsync());
    }

    /// <inheritdoc/>
    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new ClientCall<TRequest, TResponse>(channel, method, options);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(call, StartStream(call, method), call);
    }

    private ClientStreamWriter<TRequest> StartStream<TRequest, TResponse>(
        ClientCall<TRequest, TResponse> call, Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class
    {
        var content = new RequestStreamContent(channel.Options.MaxSendBufferBytes);
        call.Start(content);
        return new ClientStreamWriter<TRequest>(call, content, method.RequestMarshaller);
    }
}
