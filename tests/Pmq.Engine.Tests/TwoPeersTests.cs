using System.Security.Cryptography;
using Pmq.Core.Addresses;
using Pmq.Gossipsub;

namespace Pmq.Engine.Tests;

/// <summary>The slice of two: publish, verify, listen.</summary>
public sealed class TwoPeersTests
{
    private const string Topic = "prices";

    public enum Transport
    {
        Memory,
        Loopback,
    }

    [Theory]
    [InlineData(Transport.Memory)]
    [InlineData(Transport.Loopback)]
    public async Task A_published_message_is_verified_and_delivered(Transport transport)
    {
        await using PmqPeer a = await PeerHarness.StartAsync(Options(transport));
        await using PmqPeer b = await PeerHarness.StartAsync(Options(transport) with { Peers = a.ListenAddresses });
        await a.MeshAsync(Topic, 1);
        await b.MeshAsync(Topic, 1);
        await using MessageListener listener = b.Listen(new ListenOptions());
        await using VerifierAttachment verifier = b.AttachVerifier(new VerifierOptions { Name = "test" });
        List<ReceivedMessage> judged = [];
        Task judging = verifier.JudgeAllAsync(Verdict.Accept, judged.Add);

        byte[] data = "42"u8.ToArray();
        PublishOutcome outcome = await a.PublishAsync(Topic, data, PeerHarness.Deadline);
        ReceivedMessage message = Assert.Single(await listener.TakeAsync(1));

        Assert.Equal(1, outcome.Sent + outcome.Queued);
        Assert.False(outcome.IsDuplicate);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(data))[..40], outcome.MessageId);
        Assert.Equal(outcome.MessageId, message.MessageId);
        Assert.Equal(Topic, message.Topic);
        Assert.Equal(data, message.Data.ToArray());
        Assert.Equal(a.LocalPeer, message.ReceivedFrom);
        Assert.Null(message.Author);
        Assert.Equal(outcome.MessageId, Assert.Single(judged).MessageId);
        await verifier.DisposeAsync();
        await judging;
    }

    private static PmqPeerOptions Options(Transport transport) => new()
    {
        ListenAddresses = [transport == Transport.Memory ? PeerHarness.MemoryAddress() : PeerHarness.LoopbackAddress()],
        Topics = [Topic],
    };
}
