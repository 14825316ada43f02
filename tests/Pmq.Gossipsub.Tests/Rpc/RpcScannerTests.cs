using System.Text;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Tests.Fixtures;
using Pmq.Testing;

namespace Pmq.Gossipsub.Tests.Rpc;

public sealed class RpcScannerTests
{
    private static readonly GossipsubOptions Tight = new()
    {
        MaxMessageSize = 1024,
        RpcLimits = new RpcLimits
        {
            MaxSubscriptions = 3,
            MaxMessages = 3,
            MaxControl = 3,
            MaxIds = 3,
            MaxIdLength = 40,
            MaxPeerInfos = 2,
            MaxTopicLength = 8,
        },
    };

    [Fact]
    public void An_rpc_of_everything_reads_back()
    {
        byte[] rpc = new RpcBuilder()
            .Subscribe("a").Subscribe("b", false)
            .Publish("a", "one").Publish("b", "two")
            .IHave("a", "x", "y").IWant("z").Graft("a").Prune("b", 7).IDontWant("w")
            .Build();

        (RpcViolation violation, RpcView view) = Scan(rpc);

        Assert.Equal(RpcViolation.None, violation);
        Assert.Equal((2, 2, 5), (view.SubscriptionCount, view.MessageCount, view.ControlCount));
        Assert.True(view.HasPayload);
        Assert.Equal(RouterHarness.IdOf("one"), view.Messages[0].Id.ToString());
        Assert.Equal(RouterHarness.IdOf("two"), view.Messages[1].Id.ToString());
    }

    [Fact]
    public void The_empty_rpc_holds_nothing()
    {
        (RpcViolation violation, RpcView view) = Scan([]);

        Assert.Equal(RpcViolation.None, violation);
        Assert.False(view.HasPayload);
    }

    [Fact]
    public void Limits_hold_at_the_number_and_are_named_beyond_it()
    {
        AssertLimit(RpcViolation.TooManySubscriptions, count => Repeat(count, rpc => rpc.Subscribe("t")));
        AssertLimit(RpcViolation.TooManyMessages, count => Repeat(count, rpc => rpc.Publish("t", "d")));
        AssertLimit(RpcViolation.TooManyMessages, count => Repeat(count, rpc => rpc.Raw(2, [])));
        AssertLimit(RpcViolation.TooManyControlEntries, count => Repeat(count, rpc => rpc.Graft("t")));
        AssertLimit(RpcViolation.TooManyControlEntries, count => Repeat(count, rpc => rpc.Prune("t")));
        AssertLimit(RpcViolation.TooManyIds, count => new RpcBuilder().IHave("t", [.. Enumerable.Repeat("i", count)]));
        AssertLimit(RpcViolation.TooManyIds, count => new RpcBuilder().IWant([.. Enumerable.Repeat("i", count)]));
        AssertLimit(RpcViolation.TooManyIds, count => new RpcBuilder().IDontWant([.. Enumerable.Repeat("", count)]));
    }

    [Fact]
    public void Ids_count_over_all_entries_of_an_rpc()
    {
        byte[] rpc = new RpcBuilder().IHave("t", "1", "2").IWant("3", "4").Build();

        Assert.Equal(RpcViolation.TooManyIds, Scan(rpc, Tight).Violation);
    }

    [Fact]
    public void A_control_field_that_comes_twice_counts_as_one()
    {
        byte[] half = new RpcBuilder().Graft("t").Graft("u").Build();

        Assert.Equal(RpcViolation.TooManyControlEntries, Scan([.. half, .. half], Tight).Violation);
        Assert.Equal(4, Scan([.. half, .. half]).View.ControlCount);
    }

    [Fact]
    public void Lengths_of_topics_and_ids_and_peers_of_a_prune_are_limited()
    {
        Assert.Equal(RpcViolation.TopicTooLong, Scan(new RpcBuilder().Subscribe("123456789").Build(), Tight).Violation);
        Assert.Equal(RpcViolation.TopicTooLong, Scan(new RpcBuilder().Graft("123456789").Build(), Tight).Violation);
        Assert.Equal(RpcViolation.TopicTooLong, Scan(new RpcBuilder().Prune("123456789").Build(), Tight).Violation);
        Assert.Equal(RpcViolation.TopicTooLong, Scan(new RpcBuilder().IHave("123456789").Build(), Tight).Violation);
        Assert.Equal(
            RpcViolation.TopicTooLong, Scan(new RpcBuilder().Publish("123456789", "d").Build(), Tight).Violation);
        Assert.Equal(
            RpcViolation.IdTooLong, Scan(new RpcBuilder().IWant(new string('i', 41)).Build(), Tight).Violation);
        byte[] peers = RpcBuilder.Fields((1, "t"u8.ToArray()), (2, []), (2, []), (2, []));
        Assert.Equal(RpcViolation.TooManyPeerInfos, Scan(new RpcBuilder().Control(4, peers).Build(), Tight).Violation);
        Assert.Equal(RpcViolation.TooLarge, Scan(new byte[1025], Tight).Violation);
    }

    [Fact]
    public void A_topic_that_is_not_utf8_is_a_violation()
    {
        byte[] rpc = new RpcBuilder().Raw(1, RpcBuilder.Fields((2, [0xC0, 0x80]))).Build();

        Assert.Equal(RpcViolation.TopicNotText, Scan(rpc).Violation);
    }

    [Theory]
    [InlineData("0a")] // a tag without a length
    [InlineData("0a05")] // a length beyond the end
    [InlineData("12020a05")] // the same within a message
    [InlineData("1a021a05")] // the same within control
    [InlineData("1a041a020a05")] // the same within a graft
    [InlineData("0800")] // subscriptions as a varint
    [InlineData("1000")] // publish as a varint
    [InlineData("12021000")] // data as a varint
    [InlineData("0a020a00")] // subscribe as bytes
    [InlineData("1a0422021a00")] // backoff as bytes
    [InlineData("0b0c")] // a group
    [InlineData("0000")] // field 0
    [InlineData("0affffffffffffffffff01")] // a length of 2^64 - 1
    public void What_is_no_protobuf_of_an_rpc_is_malformed(string hex)
    {
        (RpcViolation violation, RpcView view) = Scan(Convert.FromHexString(hex));

        Assert.Equal(RpcViolation.Malformed, violation);
        Assert.Equal(0, view.Frame.Length);
    }

    [Fact]
    public void Unknown_fields_are_skipped_everywhere()
    {
        byte[] unknown = RpcBuilder.Fields((100, [1, 2, 3]));
        byte[] message = [.. unknown, .. RpcBuilder.Message("t", [1]), .. unknown];
        byte[] rpc =
        [
            .. unknown,
            .. new RpcBuilder()
                .Raw(1, [.. RpcBuilder.Fields((2, "t"u8.ToArray())), .. unknown]).Raw(2, message)
                .Control(3, unknown).Control(77, [1])
                .Build(),
            0x80, 0x08, 0x05, // field 128 as a varint
        ];

        (RpcViolation violation, RpcView view) = Scan(rpc);

        Assert.Equal(RpcViolation.None, violation);
        Assert.Equal((1, 1, 1), (view.SubscriptionCount, view.MessageCount, view.ControlCount));
    }

    [Fact]
    public void A_message_in_the_old_form_with_repeated_topics_reads_as_one_of_the_last_topic()
    {
        byte[] message = RpcBuilder.Fields((2, [1]), (4, "first"u8.ToArray()), (4, "last"u8.ToArray()));

        Assert.True(MessageFields.TryRead(message, out MessageFields fields));
        Assert.Equal("last", Encoding.UTF8.GetString(fields.Topic));
    }

    [Fact]
    public void Each_topic_has_its_own_message_id()
    {
        GossipsubOptions options = new()
        {
            Topics = new Dictionary<string, TopicRules>
            {
                ["md5"] = new(SignaturePolicy.StrictNoSign, new MessageIdOptions(MessageIdAlgorithm.Md5, 0)),
                ["whole"] = new(SignaturePolicy.StrictNoSign, new MessageIdOptions(MessageIdAlgorithm.Sha256, 99)),
            },
        };
        byte[] rpc =
            new RpcBuilder().Publish("md5", "").Publish("md5", "x").Publish("whole", "x").Publish("t", "x").Build();

        RpcView view = Scan(rpc, options).View;

        Assert.Equal(1, view.EmptyMessageCount);
        Assert.Equal("9dd4e461268c8034f5c8564e155c67a6", view.Messages[0].Id.ToString());
        Assert.Equal(
            "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", view.Messages[1].Id.ToString());
        Assert.Equal("2d711642b726b04401627ca9fbac32f5c8530fb1", view.Messages[2].Id.ToString());
    }

    [Fact]
    public void Any_bytes_give_a_view_or_a_violation_without_much_memory()
    {
        RpcScanner scanner = new(new GossipsubOptions());
        byte[] tiny = new RpcBuilder().Publish("t", "d").Build();
        byte[] signed =
            RpcBuilder.Fields((1, [1]), (2, [2]), (3, new byte[8]), (4, [0x74]), (5, new byte[64]), (6, [6]));
        byte[][] corpus =
        [
            new RpcBuilder().Subscribe("a").Subscribe("b", false).Publish("a", "one").Build(),
            new RpcBuilder().IHave("a", "x", "y").IWant("z").Build(),
            new RpcBuilder().Graft("a").Prune("b", 7).IDontWant("w").Build(),
            new RpcBuilder().Raw(2, signed).Build(),
            [.. Enumerable.Repeat(tiny, 400).SelectMany(b => b)],
        ];
        ParserFuzz.RunMemory(
            input =>
            {
                RpcView view = new(); // A new one each time, so that its growth counts.
                RpcViolation violation = scanner.Scan(input, view);
                Assert.True(violation == RpcViolation.None || view.Frame.IsEmpty);
                Walk(view);
            },
            corpus);
    }

    private static void Walk(RpcView view)
    {
        int messages = 0;
        foreach (ref readonly MessageEntry entry in view.Messages)
        {
            ReadOnlySpan<byte> body = view.Frame.Span.Slice(entry.Offset, entry.Length);
            bool usable = MessageFields.TryRead(body, out MessageFields fields)
                && !fields.Data.IsEmpty && !fields.Topic.IsEmpty;
            messages += usable ? 1 : 0;
        }

        int subscriptions = 0;
        SubscriptionReader subscription = new(view.Frame.Span);
        while (subscription.Next(out _, out _))
        {
            subscriptions++;
        }

        int entries = 0;
        ControlReader control = new(view.Frame.Span);
        while (control.Next())
        {
            entries++;
            IdReader ids = new(control.Entry, control.Kind);
            while (ids.Next(out ReadOnlySpan<byte> id))
            {
                MessageId.TryParseWire(id, id.Length / 2, out _);
            }
        }

        Check(messages, view.MessageCount);
        Check(subscriptions, view.SubscriptionCount);
        Check(entries, view.ControlCount);
    }

    // Assert.Equal allocates, and here allocation is what is measured.
    private static void Check(int actual, int expected)
    {
        if (actual != expected)
        {
            Assert.Equal(expected, actual);
        }
    }

    private static void AssertLimit(RpcViolation violation, Func<int, RpcBuilder> make)
    {
        Assert.Equal(RpcViolation.None, Scan(make(3).Build(), Tight).Violation);
        Assert.Equal(violation, Scan(make(4).Build(), Tight).Violation);
    }

    private static RpcBuilder Repeat(int count, Action<RpcBuilder> add)
    {
        RpcBuilder rpc = new();
        for (int i = 0; i < count; i++)
        {
            add(rpc);
        }

        return rpc;
    }

    private static (RpcViolation Violation, RpcView View) Scan(byte[] rpc, GossipsubOptions? options = null)
    {
        RpcView view = new();
        return (new RpcScanner(options ?? new GossipsubOptions()).Scan(rpc, view), view);
    }
}
