namespace Pmq.Client;

/// <summary>Consumes accepted messages, and comes back when the agent restarts.</summary>
public sealed class Processor
{
    /// <summary>Creates a processor; neither the client nor <paramref name="consumer"/> is owned.</summary>
    public Processor(PmqClient client, ProcessorOptions options, IMessageProcessor consumer) =>
        throw new NotImplementedException();

    /// <summary>Consumes until cancelled; then ends without an exception.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
