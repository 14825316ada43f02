namespace Pmq.Client;

/// <summary>
/// Publishes over one stream that is opened again when it is lost; what was not answered by then is published again,
/// which the agent knows by its id. Thread-safe.
/// </summary>
public sealed class Producer : IAsyncDisposable
{
    /// <summary>Creates a producer; the client is not owned.</summary>
    public Producer(PmqClient client, ProducerOptions? options = null) => throw new NotImplementedException();

    /// <summary>Publishes, waiting while too many publications are under way.</summary>
    /// <exception cref="PmqClientException">The agent refuses the topic or the data.</exception>
    public ValueTask<Publication> PublishAsync(
        string topic, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
