using System.Runtime.CompilerServices;

namespace Grpc.Core;

/// <summary>What every started call offers; disposing it cancels it if it has not ended.</summary>
internal abstract class AsyncCall(IClientCall call) : IDisposable
{
    /// <summary>The server's headers.</summary>
    public Task<Metadata> ResponseHeadersAsync => call.ResponseHeadersAsync;

    /// <summary>How the call ended.</summary>
    /// <exception cref="InvalidOperationException">It has not ended.</exception>
    public Status GetStatus() => call.GetStatus();

    /// <summary>The server's trailers.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Metadata GetTrailers() => call.GetTrailers();

    /// <inheritdoc/>
    public void Dispose() => call.Dispose();
}

/// <summary>One request, one response.</summary>
internal sealed class AsyncUnaryCall<TResponse>(IClientCall call, Task<TResponse> response) : AsyncCall(call)
{
    public Task<TResponse> ResponseAsync { get; } = response;

    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();
}

/// <summary>Many requests, one response.</summary>
internal sealed class AsyncClientStreamingCall<TRequest, TResponse>(
    IClientCall call, IClientStreamWriter<TRequest> requests, Task<TResponse> response) : AsyncCall(call)
{
    public IClientStreamWriter<TRequest> RequestStream { get; } = requests;

    public Task<TResponse> ResponseAsync { get; } = response;

    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();
}

/// <summary>One request, many responses.</summary>
internal sealed class AsyncServerStreamingCall<TResponse>(IClientCall call, IAsyncStreamReader<TResponse> responses)
    : AsyncCall(call)
{
    public IAsyncStreamReader<TResponse> ResponseStream { get; } = responses;
}

/// <summary>Many requests, many responses.</summary>
internal sealed class AsyncDuplexStreamingCall<TRequest, TResponse>(
    IClientCall call, IClientStreamWriter<TRequest> requests, IAsyncStreamReader<TResponse> responses) : AsyncCall(call)
{
    public IClientStreamWriter<TRequest> RequestStream { get; } = requests;

    public IAsyncStreamReader<TResponse> ResponseStream { get; } = responses;
}

/// <summary>A call under way, as the call objects need it.</summary>
internal interface IClientCall : IDisposable
{
    Task<Metadata> ResponseHeadersAsync { get; }

    Status GetStatus();

    Metadata GetTrailers();
}
