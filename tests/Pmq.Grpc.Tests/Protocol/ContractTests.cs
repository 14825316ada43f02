using Google.Protobuf.Reflection;
using Grpc.Health.V1;
using Pmq.Protocol;
using Pmq.Protocol.V1;

namespace Pmq.Grpc.Tests.Protocol;

/// <summary>The contracts that others are built against. What fails here breaks their programs.</summary>
public sealed class ContractTests
{
    [Fact]
    public void The_first_contract_is_as_it_always_was() => Assert.Equal(
        """
        service proto.ControlService
          Publish(PublishRequest) PublishResponse
          Subscribe(SubscribeRequest) SubscribeResponse
          Unsubscribe(SubscribeRequest) SubscribeResponse
        service proto.MsgRouter
          Listen(ListenRequest) stream Message
        service proto.ValidationRouter
          Handle(stream ValidatedMessage) stream Message
        proto.PublishRequest
          1 String topic
          2 Bytes data
        proto.PublishResponse
          1 String message_id
        proto.SubscribeRequest
          1 String topic
        proto.SubscribeResponse
        proto.ListenRequest
          1 String topics*
          2 Int64 max_rate
        proto.Message
          1 String message_id
          2 String topic
          3 Bytes data
        proto.ValidatedMessage
          1 Enum result
          2 Message msg
        proto.ValidationResult
          NIL=0
          ACCEPT=1
          IGNORE=2
          REJECT=3
        """,
        Describe(PmqReflection.Descriptor));

    [Fact]
    public void What_was_added_keeps_its_numbers() => Assert.Equal(
        """
        service pmq.v1.PublisherService
          Publish(stream PublishItem) stream PublishReceipt
        pmq.v1.PublishItem
          1 String topic
          2 Bytes data
          3 UInt64 client_ref
        pmq.v1.PublishReceipt
          1 UInt64 client_ref
          2 String message_id
          3 UInt32 sent
          4 UInt32 queued
          5 UInt32 dropped
          6 Bool duplicate
          7 Enum error
          8 String error_text
        pmq.v1.PublishError
          PUBLISH_ERROR_NONE=0
          PUBLISH_ERROR_EMPTY_DATA=1
          PUBLISH_ERROR_TOO_LARGE=2
          PUBLISH_ERROR_BAD_TOPIC=3
          PUBLISH_ERROR_RATE_LIMITED=4
          PUBLISH_ERROR_TOO_MANY_TOPICS=5
          PUBLISH_ERROR_INTERNAL=6
          PUBLISH_ERROR_NOT_ACCEPTED=7
        service pmq.v1.PeerService
          ListPeers(ListPeersRequest) ListPeersResponse
          ExplainScore(ExplainScoreRequest) ExplainScoreResponse
        pmq.v1.ListPeersRequest
          1 Bool remembered
        pmq.v1.ListPeersResponse
          1 Message peers*
          2 Message thresholds
        pmq.v1.Peer
          1 String peer_id
          2 String address
          3 Enum direction
          4 String agent_version
          5 String protocol
          6 String topics*
          7 String mesh_topics*
          8 Message round_trip_time
          9 Message score
        pmq.v1.PeerScore
          1 Double total
          2 Enum band
          3 Message worst
        pmq.v1.ScoreFactor
          1 String name
          2 String symbol
          3 String topic
          4 Double value
          5 Double contribution
        pmq.v1.ScoreThresholds
          1 Double gossip
          2 Double publish
          3 Double graylist
          4 Double accept_px
          5 Double opportunistic_graft
        pmq.v1.ExplainScoreRequest
          1 String peer_id
        pmq.v1.ExplainScoreResponse
          1 String peer_id
          2 Message score
          3 Bool connected
          4 Message remaining
          5 Double topic_total
          6 Double topic_score_cap
          7 Message topics*
          8 Message factors*
          9 Message thresholds
        pmq.v1.TopicScore
          1 String topic
          2 Double total
          3 Bool in_mesh
          4 Message time_in_mesh
          5 Message factors*
        pmq.v1.Direction
          DIRECTION_UNKNOWN=0
          DIRECTION_INBOUND=1
          DIRECTION_OUTBOUND=2
        pmq.v1.ScoreBand
          SCORE_BAND_UNKNOWN=0
          SCORE_BAND_OK=1
          SCORE_BAND_NO_GOSSIP=2
          SCORE_BAND_NO_PUBLISH=3
          SCORE_BAND_GRAYLISTED=4
        """,
        Describe(PublisherReflection.Descriptor) + "\n" + Describe(PeersReflection.Descriptor));

    [Fact]
    public void The_standard_services_are_on_the_wire_what_others_expect()
    {
        Assert.Equal(
            """
            service grpc.health.v1.Health
              Check(HealthCheckRequest) HealthCheckResponse
              Watch(HealthCheckRequest) stream HealthCheckResponse
            grpc.health.v1.HealthCheckRequest
              1 String service
            grpc.health.v1.HealthCheckResponse
              1 Enum status
            grpc.health.v1.HealthCheckResponse.ServingStatus
              UNKNOWN=0
              SERVING=1
              NOT_SERVING=2
              SERVICE_UNKNOWN=3
            """,
            Describe(HealthReflection.Descriptor));
        const string Reflection =
            """
            service grpc.reflection.v1.ServerReflection
              ServerReflectionInfo(stream ServerReflectionRequest) stream ServerReflectionResponse
            grpc.reflection.v1.ServerReflectionRequest
              1 String host
              3 String file_by_filename
              4 String file_containing_symbol
              5 Message file_containing_extension
              6 String all_extension_numbers_of_type
              7 String list_services
            grpc.reflection.v1.ExtensionRequest
              1 String containing_type
              2 Int32 extension_number
            grpc.reflection.v1.ServerReflectionResponse
              1 String valid_host
              2 Message original_request
              4 Message file_descriptor_response
              5 Message all_extension_numbers_response
              6 Message list_services_response
              7 Message error_response
            grpc.reflection.v1.FileDescriptorResponse
              1 Bytes file_descriptor_proto*
            grpc.reflection.v1.ExtensionNumberResponse
              1 String base_type_name
              2 Int32 extension_number*
            grpc.reflection.v1.ListServiceResponse
              1 Message service*
            grpc.reflection.v1.ServiceResponse
              1 String name
            grpc.reflection.v1.ErrorResponse
              1 Int32 error_code
              2 String error_message
            """;
        Assert.Equal(Reflection, Describe(global::Grpc.Reflection.V1.ReflectionReflection.Descriptor));
        Assert.Equal(
            Reflection.Replace(".v1.", ".v1alpha.", StringComparison.Ordinal),
            Describe(global::Grpc.Reflection.V1Alpha.ReflectionReflection.Descriptor));
    }

    private static string Describe(FileDescriptor file) => string.Join(
        '\n',
        file.Services.SelectMany(Describe)
            .Concat(file.MessageTypes.SelectMany(Describe))
            .Concat(file.EnumTypes.SelectMany(Describe)));

    private static IEnumerable<string> Describe(ServiceDescriptor service) => service.Methods
        .Select(method =>
            $"  {method.Name}({(method.IsClientStreaming ? "stream " : "")}{method.InputType.Name}) "
            + $"{(method.IsServerStreaming ? "stream " : "")}{method.OutputType.Name}")
        .Prepend($"service {service.FullName}");

    private static IEnumerable<string> Describe(MessageDescriptor message) =>
    [
        message.FullName,
        .. message.Fields.InFieldNumberOrder()
            .Select(field => $"  {field.FieldNumber} {field.FieldType} {field.Name}{(field.IsRepeated ? "*" : "")}"),
        .. message.EnumTypes.SelectMany(Describe),
    ];

    private static IEnumerable<string> Describe(EnumDescriptor type) =>
        type.Values.Select(value => $"  {value.Name}={value.Number}").Prepend(type.FullName);
}
