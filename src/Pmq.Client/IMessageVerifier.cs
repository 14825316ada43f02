namespace Pmq.Client;

/// <summary>A node's rules: says of each message whether it is valid.</summary>
public interface IMessageVerifier
{
    /// <summary>The verdict of <paramref name="message"/>. Called concurrently.</summary>
    ValueTask<AgentVerdict> VerifyAsync(AgentMessage message, CancellationToken cancellationToken);
}
