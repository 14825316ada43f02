using Pmq.Client;

namespace Pmq.Agent.Tests;

/// <summary>Waits for conditions.</summary>
internal static class Waits
{
    /// <summary>What a loaded machine may take; a test that runs into it has failed.</summary>
    public static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    /// <summary>Ends when the agent has a mesh peer for the topic.</summary>
    public static Task ForMeshAsync(PmqClient client, string topic, CancellationToken cancellationToken) => UntilAsync(
        async () => (await client.ListPeersAsync(cancellationToken)).Any(peer => peer.MeshTopics.Contains(topic)),
        cancellationToken);

    /// <summary>Asks again until the condition holds: for state that tells nobody of its changes.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await condition())
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
