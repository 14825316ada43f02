namespace Pmq.Engine;

/// <summary>Accepted messages as they come. Dispose to stop.</summary>
public sealed class MessageListener : IAsyncDisposable
{
    /// <summary>Messages that this listener did not get: rate limit or full queue.</summary>
    public long Dropped => throw new NotImplementedException();

    /// <summary>The messages, in order of acceptance; ends when the peer or the listener is disposed. One reader.</summary>
    public IAsyncEnumerable<ReceivedMessage> ReadAllAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
