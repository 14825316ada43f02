namespace Pmq.Client;

/// <summary>A node's use of accepted messages.</summary>
public interface IMessageProcessor
{
    /// <summary>Processes <paramref name="message"/>.</summary>
    ValueTask ProcessAsync(AgentMessage message, CancellationToken cancellationToken);
}
