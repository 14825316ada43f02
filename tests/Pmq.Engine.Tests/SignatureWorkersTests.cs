using Microsoft.Extensions.Logging.Abstractions;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Engine.Gossip;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;

namespace Pmq.Engine.Tests;

/// <summary>The order in which signatures are checked, and in which the results leave.</summary>
public sealed class SignatureWorkersTests
{
    private const int Flood = 200;

    private readonly MessageComposer _composer = new(
        new GossipsubOptions { DefaultRules = new TopicRules(SignaturePolicy.StrictSign, default) },
        PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance));

    private readonly List<GossipMessage> _checked = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task A_flooded_topic_delays_no_other_topic()
    {
        GossipMessage[] messages = [.. Messages("flooded", Flood), Message("quiet", Flood)];

        await CheckAsync(messages, workers: 1);

        Assert.InRange(_checked.IndexOf(messages[^1]), 0, 1);
    }

    [Fact]
    public async Task Results_of_one_peer_on_one_topic_leave_in_order_though_several_workers_check()
    {
        GossipMessage[] messages = [.. Messages("t", Flood)];

        await CheckAsync(messages, workers: 4);

        Assert.Equal(messages, _checked);
    }

    private IEnumerable<GossipMessage> Messages(string topic, int count) =>
        Enumerable.Range(0, count).Select(number => Message(topic, number));

    private GossipMessage Message(string topic, int number)
    {
        Assert.Equal(
            ComposeFault.None,
            _composer.TryCompose(topic, BitConverter.GetBytes(number), (ulong)number, out GossipMessage? message));
        return message!;
    }

    /// <summary>All of them wait before the first is checked.</summary>
    private async Task CheckAsync(GossipMessage[] messages, int workers)
    {
        await using var signatures = new SignatureWorkers(
            workers,
            (message, verdict) =>
            {
                Assert.Equal(SignatureVerdict.Valid, verdict);
                _checked.Add(message); // Under the workers' lock.
                if (_checked.Count == messages.Length)
                {
                    _done.TrySetResult();
                }
            },
            static () => { }, NullLogger.Instance);
        Array.ForEach(messages, signatures.Enqueue);
        signatures.Start();
        await _done.Task.WaitAsync(PeerHarness.Patience);
    }
}
