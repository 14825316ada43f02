using Pmq.Core.Addresses;
using Pmq.Gossipsub;

namespace Pmq.Engine.Tests;

/// <summary>Starts peers and waits for what they come to see, with a limit that only a broken peer meets.</summary>
internal static class PeerHarness
{
    /// <summary>How long anything may take before the test fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static int _lastMemoryAddress = 1000;

    public static CancellationToken Deadline => new CancellationTokenSource(Patience).Token;

    /// <summary>An address in this process that no other test has.</summary>
    public static Multiaddr MemoryAddress() =>
        Multiaddr.Parse($"/memory/{Interlocked.Increment(ref _lastMemoryAddress)}");

    public static Multiaddr LoopbackAddress() => Multiaddr.Parse("/ip4/127.0.0.1/tcp/0");

    public static ValueTask<PmqPeer> StartAsync(PmqPeerOptions options) => PmqPeer.StartAsync(options, Deadline);

    /// <summary>
    /// Waits until <paramref name="peer"/> sees as many peers in its mesh for <paramref name="topic"/>.
    /// </summary>
    public static Task MeshAsync(this PmqPeer peer, string topic, int count) => Eventually(
        async () => (await peer.GetPeersAsync(Deadline)).Count(other => other.MeshTopics.Contains(topic)) >= count,
        $"{count} peers in the mesh of {topic}");

    /// <summary>
    /// Waits until <paramref name="peer"/> knows as many peers that have announced <paramref name="topic"/>.
    /// </summary>
    public static Task SeesAsync(this PmqPeer peer, string topic, int count) => Eventually(
        async () => (await peer.GetPeersAsync(Deadline)).Count(other => other.Topics.Contains(topic)) >= count,
        $"{count} peers on {topic}");

    /// <summary>Looks again, with a breath between, until it holds: for what has no event to wait for.</summary>
    public static async Task Eventually(Func<ValueTask<bool>> holds, string what)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await holds())
        {
            try
            {
                await pulse.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Waited {Patience} in vain for: {what}.");
            }
        }
    }

    /// <summary>The next messages of a listener.</summary>
    public static async Task<List<ReceivedMessage>> TakeAsync(this MessageListener listener, int count)
    {
        var messages = new List<ReceivedMessage>();
        await foreach (ReceivedMessage message in listener.ReadAllAsync(Deadline))
        {
            messages.Add(message);
            if (messages.Count == count)
            {
                break;
            }
        }

        return messages;
    }

    /// <summary>A verifier that gives one verdict to all it is handed, until its attachment is disposed.</summary>
    public static Task JudgeAllAsync(
        this VerifierAttachment verifier, Verdict verdict, Action<ReceivedMessage>? onMessage = null) =>
        Task.Run(async () =>
        {
            await foreach (ReceivedMessage message in verifier.ReadAllAsync(CancellationToken.None))
            {
                onMessage?.Invoke(message);
                verifier.Report(message.Topic, message.MessageId, verdict);
            }
        });
}
