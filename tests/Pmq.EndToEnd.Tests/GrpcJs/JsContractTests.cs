using Pmq.Testing.Peers;

namespace Pmq.EndToEnd.Tests.GrpcJs;

/// <summary>What a js node finds when it asks an agent, or the agent's files, what there is.</summary>
[Collection<JsTwoAgentsCollection>]
public sealed class JsContractTests(JsTwoAgents agents)
{
    /// <summary>What the first clients were built against: a change of any line breaks them.</summary>
    private static readonly string[] FirstContract =
    [
        "enum proto.ValidationResult: 0 NIL, 1 ACCEPT, 2 IGNORE, 3 REJECT",
        "message proto.ListenRequest: 1 repeated string topics, 2 int64 max_rate",
        "message proto.Message: 1 string message_id, 2 string topic, 3 bytes data",
        "message proto.PublishRequest: 1 string topic, 2 bytes data",
        "message proto.PublishResponse: 1 string message_id",
        "message proto.SubscribeRequest: 1 string topic",
        "message proto.SubscribeResponse:",
        "message proto.ValidatedMessage: 1 ValidationResult result, 2 Message msg",
        "rpc /proto.ControlService/Publish: PublishRequest to PublishResponse",
        "rpc /proto.ControlService/Subscribe: SubscribeRequest to SubscribeResponse",
        "rpc /proto.ControlService/Unsubscribe: SubscribeRequest to SubscribeResponse",
        "rpc /proto.MsgRouter/Listen: ListenRequest to stream Message",
        "rpc /proto.ValidationRouter/Handle: stream ValidatedMessage to stream Message",
    ];

    [Fact]
    public async Task The_names_and_field_numbers_of_the_file_are_those_of_the_contract() =>
        Assert.Equal(FirstContract, await agents.Node.ContractAsync());

    [Fact]
    public async Task Reflection_tells_the_same_contract() =>
        Assert.Equal(FirstContract, await agents.AtBob.ReflectedContractAsync("proto.ControlService"));

    [Fact]
    public async Task Reflection_lists_the_services() => Assert.Equal(
        [
            "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
            "pmq.v1.PeerService", "pmq.v1.PublisherService", "proto.ControlService", "proto.MsgRouter",
            "proto.ValidationRouter",
        ],
        await agents.AtBob.ServicesAsync());

    [Fact]
    public async Task A_node_built_against_the_file_of_the_Go_agent_publishes_verifies_and_listens()
    {
        const string Topic = "go";
        Assert.Equal(FirstContract, await agents.Node.ContractAsync(JsNode.GoAgentProto));
        JsClient atAlice = await agents.Node.ConnectAsync(agents.Alice.Grpc, JsNode.GoAgentProto);
        JsClient atBob = await agents.Node.ConnectAsync(agents.Bob.Grpc, JsNode.GoAgentProto);
        await atBob.SubscribeAsync(Topic);
        await atAlice.SubscribeAsync(Topic);
        await agents.Alice.MeshedAsync(Topic, 1);
        JsStream verifier = await atBob.VerifyAsync("ACCEPT", [Topic], rules: [("bad", "REJECT")], echo: true);
        JsStream listener = await atBob.ListenAsync([Topic]);

        await atAlice.PublishAsync(Topic, "bad");
        JsPublished good = await atAlice.PublishAsync(Topic, "good");

        JsMessage delivered = await listener.NextAsync();
        Assert.Equal(("good", Topic, good.MessageId), (delivered.Text, delivered.Topic, delivered.MessageId));
        Assert.Equal(["bad", "good"], await verifier.NextTextsAsync(2));
        await verifier.CancelAsync();
        await listener.CancelAsync();
        await atBob.UnsubscribeAsync(Topic);
    }

    [Theory]
    [InlineData("/proto.ControlService/Withdraw")]
    [InlineData("/proto.ArchiveService/Publish")]
    public async Task A_method_that_there_is_not_is_unimplemented(string path)
    {
        var refused = await Assert.ThrowsAsync<ScriptedPeerException>(() => agents.AtAlice.CallAsync(path));

        Assert.Equal("UNIMPLEMENTED", refused.Name);
        Assert.Contains(path.TrimStart('/'), refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("proto.ControlService")]
    [InlineData("proto.MsgRouter")]
    [InlineData("proto.ValidationRouter")]
    [InlineData("pmq.v1.PublisherService")]
    public async Task A_service_reads_as_serving(string service) =>
        Assert.Equal("SERVING", await agents.AtBob.CheckHealthAsync(service));

    [Fact]
    public async Task The_health_of_an_unknown_service_is_not_found() => Assert.Equal(
        "NOT_FOUND",
        (await Assert.ThrowsAsync<ScriptedPeerException>(() => agents.AtBob.CheckHealthAsync("proto.Nothing"))).Name);
}
