using System.Text;
using System.Text.Json;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Builder;
using Pmq.Grpc.Server;
using Pmq.Protocol.Services;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Pmq.Grpc.Tests.Interop;

/// <summary>@grpc/grpc-js calls our server over TCP.</summary>
public sealed class JsClientOverTcpTests(JsClientRuns runs) : JsClientTests(runs, "tcp");

/// <summary>@grpc/grpc-js calls our server over a Unix socket.</summary>
public sealed class JsClientOverUnixTests(JsClientRuns runs) : JsClientTests(runs, "unix");

/// <summary>
/// What js/client.mjs saw when it called our server. The script runs through all its scenarios once for each transport.
/// </summary>
public abstract class JsClientTests(JsClientRuns runs, string where) : IClassFixture<JsClientRuns>
{
    [Fact]
    public Task Unary() => Expect("unary", """{"number":"18446744073709551615","data":"data","status":0}""");

    [Fact]
    public Task An_empty_message() => Expect("empty", "0");

    [Fact]
    public Task A_message_of_four_mebibytes() => Expect("large", "true");

    [Fact]
    public async Task A_message_above_the_limit()
    {
        var result = await runs.ResultAsync(where, "too_large");
        Assert.Equal(8, result.GetProperty("code").GetInt32());
        Assert.Contains(
            "exceeds the limit of 4194304", result.GetProperty("details").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_with_text_and_trailers()
    {
        var result = await runs.ResultAsync(where, "fail");
        Assert.Equal(5, result.GetProperty("code").GetInt32());
        Assert.Equal("100 % ключ", result.GetProperty("details").GetString());
        Assert.Equal("""["trailer"]""", result.GetProperty("text").GetRawText());
        Assert.Equal("""["0001ff"]""", result.GetProperty("bytes").GetRawText());
    }

    [Fact]
    public async Task An_exception_of_a_handler()
    {
        var result = await runs.ResultAsync(where, "exception");
        Assert.Equal(2, result.GetProperty("code").GetInt32());
        Assert.Equal("The method failed on the server.", result.GetProperty("details").GetString());
    }

    [Fact]
    public Task A_status_after_messages() => Expect(
        "fail_after", """{"count":3,"status":9,"code":9,"details":"late","text":["trailer"],"bytes":["0001ff"]}""");

    [Theory]
    [InlineData("unknown_method")]
    [InlineData("unknown_service")]
    [InlineData("compressed")]
    public async Task What_the_server_does_not_have(string scenario) =>
        Assert.Equal(12, (await runs.ResultAsync(where, scenario)).GetProperty("code").GetInt32());

    [Fact]
    public async Task A_deadline() =>
        Assert.Equal(4, (await runs.ResultAsync(where, "deadline")).GetProperty("code").GetInt32());

    [Theory]
    [InlineData("cancel")]
    [InlineData("server_stream_cancelled")]
    public async Task A_cancelled_call(string scenario) =>
        Assert.Equal(1, (await runs.ResultAsync(where, scenario)).GetProperty("code").GetInt32());

    [Fact]
    public Task A_server_stream() => Expect("server_stream", """{"count":5000,"status":0,"ordered":true}""");

    [Fact]
    public Task A_client_stream() => Expect("client_stream", """{"count":"1000","sum":"500500","bytes":"10000"}""");

    [Fact]
    public Task A_duplex_stream() => Expect("chat", """{"count":500,"status":0,"ordered":true}""");

    [Fact]
    public Task Metadata_both_ways() => Expect(
        "metadata", """{"headers":{"text":"a, b","bytes":"0001ff"},"trailers":{"text":"a, b","bytes":"0001ff"}}""");

    [Fact]
    public Task Health() =>
        Expect("health", """{"whole":"SERVING","unknown":5,"watched":["SERVICE_UNKNOWN","SERVING"]}""");

    [Theory]
    [InlineData("reflection_v1")]
    [InlineData("reflection_v1alpha")]
    public async Task Reflection(string scenario)
    {
        var answers = (await runs.ResultAsync(where, scenario)).EnumerateArray().ToArray();
        Assert.Equal(
            ["grpc.health.v1.Health", "pmq.test.EchoService"],
            answers[0].GetProperty("services").EnumerateArray().Select(name => name.GetString()!));
        var file = FileDescriptorProto.Parser.ParseFrom(answers[1].GetProperty("files")[0].GetBytesFromBase64());
        Assert.Equal("echo.proto", file.Name);
        Assert.Equal("EchoService", file.Service.Single().Name);
        Assert.Equal(scenario == "reflection_v1" ? 5 : 3, answers[2].GetProperty("error").GetInt32());
        Assert.All(answers, answer => Assert.Equal("h", answer.GetProperty("host").GetString()));
    }

    [Fact]
    public Task The_product_s_protos_load_from_their_files() => Expect("protos", """
        ["/proto.ControlService/Publish 00","/proto.ControlService/Subscribe 00","/proto.ControlService/Unsubscribe 00",
        "/proto.MsgRouter/Listen 01","/proto.ValidationRouter/Handle 11"]
        """.ReplaceLineEndings(""));

    private async Task Expect(string scenario, string json) =>
        Assert.Equal(json, (await runs.ResultAsync(where, scenario)).GetRawText());
}

/// <summary>Runs js/client.mjs once for each transport.</summary>
public sealed class JsClientRuns
{
    private readonly Lazy<Task<Dictionary<string, JsonElement>>> _tcp = new(() => RunAsync("tcp"));
    private readonly Lazy<Task<Dictionary<string, JsonElement>>> _unix = new(() => RunAsync("unix"));

    internal async Task<JsonElement> ResultAsync(string where, string scenario)
    {
        var line = (await (where == "tcp" ? _tcp : _unix).Value)[scenario];
        return line.TryGetProperty("result", out var result)
            ? result
            : throw new InvalidOperationException($"{scenario}: {line.GetProperty("error").GetString()}");
    }

    private static async Task<Dictionary<string, JsonElement>> RunAsync(string where)
    {
        var health = new HealthService();
        health.Set("", ServingStatus.Serving);
        var catalog = new ReflectionCatalog([Echo.EchoService.Descriptor, global::Grpc.Health.V1.Health.Descriptor]);
        await using var server = await EchoServer.StartAsync(where, map: app => app
            .MapGrpcService(health)
            .MapGrpcService(new ReflectionService(catalog))
            .MapGrpcService(new ReflectionAlphaService(catalog)));
        server.Service.OnEcho = data =>
        {
            if (data.StartsWith("announce ", StringComparison.Ordinal))
            {
                health.Set(data["announce ".Length..], ServingStatus.Serving);
            }
        };

        await using var js = GrpcJs.Start("client.mjs", server.Address.ToString());
        if (await js.WaitForExitAsync(TimeSpan.FromMinutes(3)) != 0)
        {
            throw new InvalidOperationException($"client.mjs failed.\n{js.Output.Tail()}\n{js.Errors.Tail()}");
        }

        return js.Output.Lines
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(line => line.GetProperty("name").GetString()!);
    }
}
