using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using Pmq.Protocol;
using Pmq.Protocol.Services;
using Pmq.Protocol.V1;

namespace Pmq.Grpc.Tests.Services;

public sealed class ReflectionCatalogTests
{
    private readonly ReflectionCatalog _catalog = new(
        [PublisherService.Descriptor, PeerService.Descriptor, ControlService.Descriptor, MsgRouter.Descriptor]);

    [Fact]
    public void Services_are_listed_in_order()
    {
        var answer = _catalog.Answer(new ServerReflectionRequest { Host = "h", ListServices = "*" });

        Assert.Equal(
            ["pmq.v1.PeerService", "pmq.v1.PublisherService", "proto.ControlService", "proto.MsgRouter"],
            answer.ListServicesResponse.Service.Select(service => service.Name));
        Assert.Equal("h", answer.ValidHost);
        Assert.Equal("*", answer.OriginalRequest.ListServices);
    }

    [Theory]
    [InlineData("proto.ControlService", "pmq.proto")]
    [InlineData("proto.ControlService.Publish", "pmq.proto")]
    [InlineData("proto.Message", "pmq.proto")]
    [InlineData("proto.Message.data", "pmq.proto")]
    [InlineData("proto.ValidationResult", "pmq.proto")]
    [InlineData("pmq.v1.Peer", "pmq/v1/peers.proto")]
    [InlineData("google.protobuf.Duration", "google/protobuf/duration.proto")]
    public void A_symbol_is_found_in_its_file(string symbol, string file) =>
        Assert.Equal(
            file, Files(_catalog.Answer(new ServerReflectionRequest { FileContainingSymbol = symbol }))[0].Name);

    [Fact]
    public void A_file_comes_with_what_it_imports()
    {
        var files = Files(_catalog.Answer(new ServerReflectionRequest { FileByFilename = "pmq/v1/peers.proto" }));

        Assert.Equal(["pmq/v1/peers.proto", "google/protobuf/duration.proto"], files.Select(file => file.Name));
    }

    [Fact]
    public void What_is_not_there_is_an_error_in_the_answer()
    {
        ServerReflectionRequest[] requests =
        [
            new() { FileByFilename = "none.proto" },
            new() { FileContainingSymbol = "none" },
            new() { AllExtensionNumbersOfType = "none" },
            new() { FileContainingExtension = new ExtensionRequest { ContainingType = "proto.Message" } },
        ];
        Assert.All(requests, request =>
            Assert.Equal((int)StatusCode.NotFound, _catalog.Answer(request).ErrorResponse.ErrorCode));
        Assert.Equal(
            (int)StatusCode.InvalidArgument, _catalog.Answer(new ServerReflectionRequest()).ErrorResponse.ErrorCode);
    }

    [Fact]
    public void A_message_has_no_extensions()
    {
        var answer = _catalog.Answer(new ServerReflectionRequest { AllExtensionNumbersOfType = "proto.Message" });

        Assert.Equal("proto.Message", answer.AllExtensionNumbersResponse.BaseTypeName);
        Assert.Empty(answer.AllExtensionNumbersResponse.ExtensionNumber);
    }

    private static List<FileDescriptorProto> Files(ServerReflectionResponse answer) =>
        [.. answer.FileDescriptorResponse.FileDescriptorProto.Select(FileDescriptorProto.Parser.ParseFrom)];
}
