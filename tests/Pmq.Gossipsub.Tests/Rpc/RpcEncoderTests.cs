using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.State;
using Pmq.Gossipsub.Tests.Fixtures;

namespace Pmq.Gossipsub.Tests.Rpc;

public sealed class RpcEncoderTests
{
    private static readonly byte[] Topic = "t"u8.ToArray();

    [Fact]
    public void Subscription_bytes() =>
        AssertBytes("07 0a05 0801 120174", outbox => outbox.Subscriptions.Add((Topic, true)));

    [Fact]
    public void Unsubscription_bytes() =>
        AssertBytes("07 0a05 0800 120174", outbox => outbox.Subscriptions.Add((Topic, false)));

    [Fact]
    public void Graft_bytes() => AssertBytes("07 1a05 1a03 0a0174", outbox => outbox.Grafts.Add(Topic));

    [Fact]
    public void Prune_bytes_with_backoff() =>
        AssertBytes("09 1a07 2205 0a0174 183c", outbox => outbox.Prunes.Add(new PruneEntry(Topic, 60)));

    [Fact]
    public void Prune_bytes_without_backoff() =>
        AssertBytes("07 1a05 2203 0a0174", outbox => outbox.Prunes.Add(new PruneEntry(Topic, 0)));

    [Fact]
    public void Ihave_bytes() => AssertBytes("0b 1a09 0a07 0a0174 12026162", outbox =>
    {
        outbox.AddIHave(Topic, new[] { new MessageId([0xab]) });
    });

    [Fact]
    public void Iwant_bytes() =>
        AssertBytes("08 1a06 1204 0a026162", outbox => outbox.IWantIds.Add(new MessageId([0xab])));

    [Fact]
    public void Idontwant_bytes()
    {
        Assert.Equal("081a062a040a026162", Convert.ToHexStringLower(IDontWantFrame.Encode(new MessageId([0xab]))));
        byte[] longest = IDontWantFrame.Encode(new MessageId(new byte[MessageId.MaxSize]));
        Assert.Equal(new string('0', 64), Assert.Single(SentRpc.Read(longest).IDontWants));
    }

    [Fact]
    public void Prune_bytes_with_a_peer_and_its_record()
    {
        GossipPeer known = new(TestPeers.Id(1), PubsubProtocol.Meshsub12, ConnectionDirection.Outbound)
        {
            SignedRecord = new byte[] { 0xaa, 0xbb },
        };
        GossipPeer unknown = new(TestPeers.Id(2), PubsubProtocol.Meshsub12, ConnectionDirection.Outbound);
        const string Known = "0a26 00240801122000000002" + "00000000000000000000000000000000000000000000000000000000";
        const string Unknown = "0a26 00240801122000000003" + "00000000000000000000000000000000000000000000000000000000";
        AssertBytes(
            "61 1a5f 225d 0a0174 122c " + Known + "1202aabb 1228" + Unknown + "183c",
            outbox => outbox.Prunes.Add(new PruneEntry(Topic, 60, [known, unknown])));
    }

    [Fact]
    public void A_prune_whose_records_do_not_fit_tells_fewer_peers()
    {
        GossipPeer[] peers = [.. Enumerable.Range(0, 4).Select(i =>
            new GossipPeer(TestPeers.Id(i), PubsubProtocol.Meshsub12, ConnectionDirection.Outbound)
            {
                SignedRecord = new byte[400],
            })];
        Outbox outbox = new();
        outbox.Prunes.Add(new PruneEntry(Topic, 60, peers));

        SentRpc sent = SentRpc.Read(new RpcEncoder(1024).Encode(outbox));
        Assert.Equal([("t", 60UL)], sent.Prunes);
        Assert.Equal(peers.Take(2).Select(peer => peer.Id), sent.ExchangedPeers.Select(p => p.Id));
    }

    [Fact]
    public void All_control_of_a_turn_shares_one_control_field_behind_the_subscriptions() =>
        AssertBytes("13 0a05 0801 120174 1a0a 1a03 0a0174 2203 0a0174", outbox =>
        {
            outbox.Subscriptions.Add((Topic, true));
            outbox.Grafts.Add(Topic);
            outbox.Prunes.Add(new PruneEntry(Topic, 0));
        });

    [Fact]
    public void Nothing_encodes_to_nothing() => Assert.Empty(new RpcEncoder(1024).Encode(new Outbox()));

    [Fact]
    public void What_fits_is_not_split()
    {
        Outbox outbox = new();
        outbox.AddIHave(Topic, Enumerable.Range(0, 20).Select(Id).ToArray());

        // 20 ids of 42 bytes, the topic's 3, headers of 3 each for ihave and control.
        const int Size = (20 * 42) + 3 + 3 + 3;
        Assert.Single(SentRpc.Read(new RpcEncoder(Size).Encode(outbox)).Sizes, Size);
        Assert.Equal(2, SentRpc.Read(new RpcEncoder(Size - 1).Encode(outbox)).Sizes.Count);
    }

    [Fact]
    public void Merging_the_pieces_gives_the_whole_and_each_is_within_the_limit() =>
        Prop.ForAll(
            Gen.Zip(ArbMap.Default.GeneratorFor<int>(), Gen.Choose(128, 3000)).ToArbitrary(),
            input =>
            {
                SeededChance chance = new((ulong)input.Item1);
                Outbox outbox = RandomOutbox(chance);
                SentRpc merged = SentRpc.Read(new RpcEncoder(input.Item2).Encode(outbox));

                Assert.All(merged.Sizes, size => Assert.InRange(size, 1, input.Item2));
                Assert.Equal(outbox.Subscriptions.Select(s => (Name(s.Topic), s.Subscribe)), merged.Subscriptions);
                Assert.Equal(outbox.Grafts.Select(Name), merged.Grafts);
                Assert.Equal(outbox.Prunes.Select(p => (Name(p.Topic), (ulong)p.BackoffSeconds)), merged.Prunes);
                Assert.Equal(
                    outbox.IHaves.SelectMany(h => h.Ids.ToArray().Select(id => (Name(h.Topic), id.ToString()))),
                    merged.IHaves);
                Assert.Equal(outbox.IWantIds.Select(id => id.ToString()), merged.IWants);
            }).QuickCheckThrowOnFailure();

    private static Outbox RandomOutbox(SeededChance chance)
    {
        Outbox outbox = new();
        byte[] RandomTopic() => [.. Enumerable.Repeat((byte)('a' + chance.NextInt32(26)), 1 + chance.NextInt32(30))];
        for (int i = chance.NextInt32(20); i > 0; i--)
        {
            outbox.Subscriptions.Add((RandomTopic(), chance.NextInt32(2) == 0));
        }

        for (int i = chance.NextInt32(20); i > 0; i--)
        {
            outbox.Grafts.Add(RandomTopic());
            outbox.Prunes.Add(new PruneEntry(RandomTopic(), chance.NextInt32(100_000)));
        }

        for (int i = chance.NextInt32(5); i > 0; i--)
        {
            MessageId[] ids = [.. Enumerable.Range(0, 1 + chance.NextInt32(60)).Select(_ => RandomId(chance))];
            outbox.AddIHave(RandomTopic(), ids);
        }

        outbox.IWantIds.AddRange(Enumerable.Range(0, chance.NextInt32(100)).Select(_ => RandomId(chance)));
        return outbox;
    }

    private static MessageId RandomId(SeededChance chance)
    {
        byte[] digest = new byte[1 + chance.NextInt32(MessageId.MaxSize)];
        for (int i = 0; i < digest.Length; i++)
        {
            digest[i] = (byte)chance.NextInt32(256);
        }

        return new MessageId(digest);
    }

    private static MessageId Id(int number) => default(MessageIdOptions).Compute([(byte)number]);

    private static string Name(byte[] topic) => System.Text.Encoding.UTF8.GetString(topic);

    private static void AssertBytes(string hex, Action<Outbox> fill)
    {
        Outbox outbox = new();
        fill(outbox);
        Assert.Equal(
            hex.Replace(" ", "", StringComparison.Ordinal),
            Convert.ToHexStringLower(new RpcEncoder(1024).Encode(outbox)));
    }
}
