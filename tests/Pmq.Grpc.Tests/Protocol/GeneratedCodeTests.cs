using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Reflection.V1;
using Pmq.Grpc.Tests.Framing;
using Pmq.Protocol;
using Pmq.Protocol.V1;

namespace Pmq.Grpc.Tests.Protocol;

/// <summary>
/// The code generator is newer than the runtime that restores here, so everything that our messages use of it is used
/// here once: fields of every kind, oneofs, well-known types, unknown fields, equality, merging, JSON.
/// </summary>
public sealed class GeneratedCodeTests
{
    private static readonly Peer Peer = new()
    {
        PeerId = "12D3",
        Address = "/ip4/127.0.0.1/tcp/1",
        Direction = Direction.Outbound,
        AgentVersion = "p2pmq/é",
        Protocol = "/meshsub/1.2.0",
        Topics = { "a", "b" },
        MeshTopics = { "a" },
        RoundTripTime = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(1.5)),
    };

    public static TheoryData<string> Samples => [.. Messages().Select(message => message.Descriptor.FullName)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_message_survives_every_way_of_reading_and_writing(string name)
    {
        var message = Messages().Single(message => message.Descriptor.FullName == name);
        var bytes = message.ToByteArray();
        var parser = message.Descriptor.Parser;

        Assert.Equal(message.CalculateSize(), bytes.Length);
        Assert.Equal(message, parser.ParseFrom(bytes));
        Assert.Equal(message, parser.ParseFrom(new MemoryStream(bytes)));
        Assert.Equal(
            message, parser.ParseFrom(Segment.Join([.. bytes.Select(one => (ReadOnlyMemory<byte>)new[] { one })])));
        Assert.Equal(message, parser.ParseJson(JsonFormatter.Default.Format(message)));
        Assert.Equal(message.GetHashCode(), parser.ParseFrom(bytes).GetHashCode());

        var merged = parser.ParseFrom([]);
        merged.MergeFrom(bytes);
        Assert.Equal(message, merged);
    }

    [Fact]
    public void Bytes_are_as_the_specification_has_them()
    {
        var item = new PublishItem { Topic = "t", Data = ByteString.CopyFrom(1, 2), ClientRef = 300 };

        // 1: string "t" | 2: bytes 01 02 | 3: varint 300
        Assert.Equal("0A01741202010218AC02", Convert.ToHexString(item.ToByteArray()));
        Assert.Equal("08031206120174" + "1A0109", Convert.ToHexString(new ValidatedMessage
        {
            Result = ValidationResult.Reject,
            Msg = new Message { Topic = "t", Data = ByteString.CopyFrom(9) },
        }.ToByteArray()));
    }

    [Fact]
    public void Fields_that_a_later_version_adds_are_kept()
    {
        byte[] later = [.. new PublishRequest { Topic = "t" }.ToByteArray(), 0x7A, 2, 8, 9];

        Assert.Equal(later, PublishRequest.Parser.ParseFrom(later).ToByteArray());
    }

    [Theory]
    [InlineData("0A")]
    [InlineData("0AFFFFFFFF0F")]
    [InlineData("0A05AA")]
    [InlineData("FFFFFFFFFFFFFFFFFFFF01")]
    [InlineData("0F")]
    public void Malformed_bytes_are_refused(string hex) =>
        Assert.Throws<InvalidProtocolBufferException>(
            () => PublishRequest.Parser.ParseFrom(Convert.FromHexString(hex)));

    [Fact]
    public void A_oneof_holds_one_of_its_fields()
    {
        var request = new ServerReflectionRequest { ListServices = "" };
        Assert.Equal(ServerReflectionRequest.MessageRequestOneofCase.ListServices, request.MessageRequestCase);

        request.FileByFilename = "f";
        Assert.Equal(ServerReflectionRequest.MessageRequestOneofCase.FileByFilename, request.MessageRequestCase);
        Assert.Equal("", request.ListServices);
        request.ClearMessageRequest();
        Assert.Equal(ServerReflectionRequest.MessageRequestOneofCase.None, request.MessageRequestCase);
    }

    private static IEnumerable<IMessage> Messages() =>
    [
        new PublishRequest { Topic = "t", Data = ByteString.CopyFrom(new byte[300]) },
        new PublishResponse { MessageId = "00ff" },
        new SubscribeRequest { Topic = "тема" },
        new SubscribeResponse(),
        new ListenRequest { Topics = { "a", "", "b" }, MaxRate = -1 },
        new Message { MessageId = "m", Topic = "t", Data = ByteString.CopyFrom(0xFF) },
        new ValidatedMessage { Result = ValidationResult.Reject, Msg = new Message { Topic = "t" } },
        new PublishItem { ClientRef = ulong.MaxValue },
        new PublishReceipt { Sent = uint.MaxValue, Duplicate = true, Error = PublishError.RateLimited },
        new ListPeersResponse { Peers = { Peer, new Peer() }, Thresholds = new ScoreThresholds { Graylist = -80 } },
        new ExplainScoreResponse
        {
            Score = new PeerScore { Total = -1.5, Band = ScoreBand.NoGossip, Worst = new ScoreFactor { Value = 2 } },
            Topics = { new TopicScore { InMesh = true, Factors = { new ScoreFactor { Symbol = "P3b" } } } },
        },
        new ServerReflectionRequest { FileContainingExtension = new ExtensionRequest { ExtensionNumber = -5 } },
        new ServerReflectionResponse
        {
            OriginalRequest = new ServerReflectionRequest { ListServices = "" },
            AllExtensionNumbersResponse = new ExtensionNumberResponse { ExtensionNumber = { 1, -1, int.MaxValue } },
        },
        new FileDescriptorResponse { FileDescriptorProto = { ByteString.Empty, ByteString.CopyFrom(1) } },
    ];
}
