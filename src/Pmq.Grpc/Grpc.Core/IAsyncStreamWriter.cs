namespace Grpc.Core;

/// <summary>Takes messages; one writer at a time.</summary>
internal interface IAsyncStreamWriter<in T>
{
    /// <summary>Ends when there is room for the next message: awaiting it is the backpressure.</summary>
    Task WriteAsync(T message);

    /// <inheritdoc cref="WriteAsync(T)"/>
    Task WriteAsync(T message, CancellationToken cancellationToken);
}

/// <summary>The server's side.</summary>
internal interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>;

/// <summary>The client's side.</summary>
internal interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    /// <summary>No more messages come: half-closes the call.</summary>
    Task CompleteAsync();
}
