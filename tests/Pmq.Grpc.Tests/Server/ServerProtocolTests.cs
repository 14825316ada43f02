using System.Net;
using Google.Protobuf;
using Pmq.Grpc.Server;
using Pmq.Grpc.Tests.Echo;
using Pmq.Grpc.Tests.Framing;
using Pmq.Testing;

namespace Pmq.Grpc.Tests.Server;

/// <summary>What the server answers on the wire, to requests that no generated client would make.</summary>
public sealed class ServerProtocolTests
{
    private static readonly byte[] Request = FrameParserTests.Frame(new EchoMessage { Number = 7 }.ToByteArray());

    [Fact]
    public async Task A_good_call_has_headers_a_message_and_the_status_in_trailers()
    {
        var answer = await PostAsync(RawClient.EchoPath, Request, "application/grpc+proto");

        Assert.Equal(HttpStatusCode.OK, answer.Http);
        Assert.Equal(Request, answer.Body);
        Assert.Equal(("0", null), answer.Status);
        Assert.False(answer.Headers.ContainsKey("grpc-status"));
    }

    [Fact]
    public async Task An_error_before_any_message_is_one_block_of_headers()
    {
        var answer = await PostAsync(
            "/pmq.test.EchoService/Fail",
            FrameParserTests.Frame(new FailRequest { Code = 5, Text = "100 % ключ" }.ToByteArray()));

        Assert.Equal(HttpStatusCode.OK, answer.Http);
        Assert.Empty(answer.Body);
        Assert.Empty(answer.Trailers);
        Assert.Equal(("5", "100 %25 %D0%BA%D0%BB%D1%8E%D1%87"), answer.Status);
        Assert.Equal("AAH/", answer.Headers["x-bytes-bin"]);
    }

    [Theory]
    [InlineData("/pmq.test.EchoService/Nothing")]
    [InlineData("/no.such.Service/Method")]
    public async Task An_unknown_method_is_unimplemented(string path)
    {
        var answer = await PostAsync(path, Request);

        Assert.Equal(HttpStatusCode.OK, answer.Http);
        Assert.Equal(("12", $"The method {path} is not implemented."), answer.Status);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc-web")]
    [InlineData("")]
    public async Task Another_content_type_is_an_http_error(string contentType) =>
        Assert.Equal(
            HttpStatusCode.UnsupportedMediaType, (await PostAsync(RawClient.EchoPath, Request, contentType)).Http);

    [Fact]
    public async Task Another_http_method_is_an_http_error()
    {
        await using var server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.Address);

        var answer = await raw.PostAsync(RawClient.EchoPath, [], method: HttpMethod.Put);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.Http);
    }

    [Fact]
    public async Task A_compressed_call_is_refused_with_what_is_taken()
    {
        var answer = await PostAsync(RawClient.EchoPath, [1, .. Request[1..]], header: ("grpc-encoding", "gzip"));

        Assert.Equal("12", answer.Status.Code);
        Assert.Equal("identity", answer.Headers["grpc-accept-encoding"]);
    }

    [Fact]
    public async Task The_identity_encoding_may_be_named() =>
        Assert.Equal(
            "0", (await PostAsync(RawClient.EchoPath, Request, header: ("grpc-encoding", "identity"))).Status.Code);

    [Theory]
    [InlineData("00", "13", "ended in the middle")]
    [InlineData("0000000005aabb", "13", "ended in the middle")]
    [InlineData("0100000000", "13", "compressed")]
    [InlineData("0200000000", "13", "framing is lost")]
    [InlineData("ff00000000", "13", "framing is lost")]
    [InlineData("00ffffffff", "8", "4294967295 bytes exceeds the limit of 4194304")]
    [InlineData("0000400001", "8", "4194305 bytes exceeds the limit of 4194304")]
    [InlineData("0000000002ffff", "13", "is not a valid EchoMessage")]
    [InlineData("", "12", "no request")]
    [InlineData("00000000000000000000", "12", "several requests")]
    public async Task Malformed_requests_end_with_a_status_that_names_the_fault(string hex, string code, string text)
    {
        var answer = await PostAsync(RawClient.EchoPath, Convert.FromHexString(hex));

        Assert.Equal(HttpStatusCode.OK, answer.Http);
        Assert.Equal(code, answer.Status.Code);
        Assert.Contains(text, answer.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_goes_on_after_malformed_requests()
    {
        await using var server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.Address);
        for (byte flag = 1; flag < 50; flag++)
        {
            Assert.Equal("13", (await raw.PostAsync(RawClient.EchoPath, [flag, 0, 0, 0, 0])).Status.Code);
        }

        Assert.Equal("0", (await raw.PostAsync(RawClient.EchoPath, Request)).Status.Code);
    }

    [Fact]
    public async Task A_malformed_timeout_and_malformed_metadata_are_named()
    {
        var timeout = await PostAsync(RawClient.EchoPath, Request, header: ("grpc-timeout", "1 s"));
        var metadata = await PostAsync(RawClient.EchoPath, Request, header: ("x-bin", "!"));

        Assert.Equal(("13", "grpc-timeout '1 s' is not 1 to 8 digits and one of H M S m u n."), timeout.Status);
        Assert.Equal(("13", "The metadata 'x-bin' is not base64."), metadata.Status);
    }

    [Fact]
    public async Task The_server_keeps_the_deadline_that_it_was_told()
    {
        var time = new VirtualTimeProvider();
        await using var server = await EchoServer.StartAsync(options: new GrpcServerOptions { TimeProvider = time });
        using var raw = new RawClient(server.Address);

        var answer = raw.PostAsync(
            "/pmq.test.EchoService/Hang",
            Request,
            headers: headers => headers.TryAddWithoutValidation("grpc-timeout", "90S"));
        await server.Service.Entered.Task;
        time.Advance(TimeSpan.FromSeconds(89.9));
        Assert.False(server.Service.Ended.Task.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(("4", "The deadline has passed."), (await answer).Status);
        Assert.IsAssignableFrom<OperationCanceledException>(await server.Service.Ended.Task);
        Assert.Equal(0, time.ArmedTimerCount);
    }

    [Fact]
    public async Task A_deadline_that_no_timer_can_hold_is_none()
    {
        await using var server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.Address);

        var answer = await raw.PostAsync(
            RawClient.EchoPath,
            Request,
            headers: headers => headers.TryAddWithoutValidation("grpc-timeout", "99999999H"));

        Assert.Equal("0", answer.Status.Code);
        Assert.Equal(DateTime.MaxValue, server.Service.LastEcho!.Deadline);
    }

    private static async Task<RawAnswer> PostAsync(
        string path, byte[] body, string contentType = "application/grpc", (string Name, string Value)? header = null)
    {
        await using var server = await EchoServer.StartAsync();
        using var raw = new RawClient(server.Address);
        return await raw.PostAsync(path, body, contentType, headers =>
        {
            if (header is { } one)
            {
                headers.TryAddWithoutValidation(one.Name, one.Value);
            }
        });
    }
}
