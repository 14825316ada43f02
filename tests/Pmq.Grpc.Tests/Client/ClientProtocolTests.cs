using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Pmq.Grpc.Client;
using Pmq.Grpc.Tests.Echo;
using Pmq.Grpc.Tests.Framing;

namespace Pmq.Grpc.Tests.Client;

/// <summary>What the client makes of answers that no good gRPC server would give.</summary>
public sealed class ClientProtocolTests
{
    private static readonly byte[] Message = FrameParserTests.Frame(new EchoMessage { Number = 7 }.ToByteArray());

    [Theory]
    [InlineData(400, 13)]
    [InlineData(401, 16)]
    [InlineData(403, 7)]
    [InlineData(404, 12)]
    [InlineData(429, 14)]
    [InlineData(502, 14)]
    [InlineData(503, 14)]
    [InlineData(504, 14)]
    [InlineData(500, 2)]
    [InlineData(204, 2)]
    public async Task An_http_error_becomes_a_status(int http, int code)
    {
        var error = await FailAsync(context =>
        {
            context.Response.StatusCode = http;
            return Task.CompletedTask;
        });

        Assert.Equal((StatusCode)code, error.StatusCode);
        Assert.Contains($"HTTP {http}", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_outweighs_the_http_status()
    {
        var error = await FailAsync(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers["grpc-status"] = "9";
            return Task.CompletedTask;
        });

        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
    }

    [Fact]
    public async Task Another_content_type_is_named()
    {
        var error = await FailAsync(context => context.Response.WriteAsync("<html>"), "text/html");

        Assert.Equal(StatusCode.Unknown, error.StatusCode);
        Assert.Contains("text/html", error.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "without a status")]
    [InlineData("17", "grpc-status '17'")]
    [InlineData("-1", "grpc-status '-1'")]
    [InlineData("99999999999", "grpc-status '99999999999'")]
    [InlineData("OK", "grpc-status 'OK'")]
    public async Task A_missing_or_strange_status_is_unknown(string? status, string text)
    {
        var error = await FailAsync(async context =>
        {
            await context.Response.Body.WriteAsync(Message);
            if (status is not null)
            {
                context.Response.AppendTrailer("grpc-status", status);
            }
        });

        Assert.Equal(StatusCode.Unknown, error.StatusCode);
        Assert.Contains(text, error.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00", 13, "ended in the middle")]
    [InlineData("0000000005aabb", 13, "ended in the middle")]
    [InlineData("0100000000", 13, "compressed")]
    [InlineData("7f00000000", 13, "framing is lost")]
    [InlineData("00ffffffff", 8, "4294967295 bytes exceeds the limit of 4194304")]
    [InlineData("0000000002ffff", 13, "is not a valid EchoMessage")]
    [InlineData("", 12, "without a response")]
    [InlineData("00000000000000000000", 12, "several responses")]
    public async Task Malformed_responses_end_the_call_with_a_status_that_names_the_fault(
        string hex, int code, string text)
    {
        var error = await FailAsync(async context =>
        {
            await context.Response.Body.WriteAsync(Convert.FromHexString(hex));
            context.Response.AppendTrailer("grpc-status", "0");
        });

        Assert.Equal((StatusCode)code, error.StatusCode);
        Assert.Contains(text, error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_length_above_the_limit_ends_the_call_before_the_message_comes()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await RawServer.StartAsync(
            async context =>
            {
                context.Response.ContentType = "application/grpc";
                await context.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 4, 1 });
                await context.Response.Body.FlushAsync();
                context.RequestAborted.Register(gone.SetResult);
                await gone.Task;
            },
            options: new GrpcChannelOptions { MaxReceiveMessageBytes = 1024 });

        var error = await Assert.ThrowsAsync<RpcException>(
            () => server.Client.EchoAsync(new EchoMessage()).ResponseAsync);

        Assert.Equal(
            (StatusCode.ResourceExhausted, "A message of 1025 bytes exceeds the limit of 1024."),
            (error.StatusCode, error.Status.Detail));
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(0, 14)]
    [InlineData(1, 14)]
    [InlineData(2, 13)]
    [InlineData(8, 1)]
    [InlineData(11, 8)]
    [InlineData(12, 7)]
    public async Task A_reset_becomes_a_status(int http2Error, int code)
    {
        var error = await FailAsync(async context =>
        {
            await context.Response.Body.WriteAsync(Message);
            await context.Response.Body.FlushAsync();
            context.Features.Get<IHttpResetFeature>()!.Reset(http2Error);
        });

        Assert.Equal((StatusCode)code, error.StatusCode);
    }

    [Fact]
    public async Task Broken_metadata_and_escapes_leave_the_status_readable()
    {
        var error = await FailAsync(context =>
        {
            context.Response.Headers["grpc-status"] = "5";
            context.Response.Headers["grpc-message"] = "%E2%82%AC %zz %";
            context.Response.Headers["x-bad-bin"] = "!";
            context.Response.Headers["x-good-bin"] = "AQ==";
            return Task.CompletedTask;
        });

        Assert.Equal((StatusCode.NotFound, "€ %zz %"), (error.StatusCode, error.Status.Detail));
        Assert.Null(error.Trailers.Get("x-bad-bin"));
        Assert.Equal([1], error.Trailers.GetValueBytes("x-good-bin")!);
    }

    [Fact]
    public async Task The_request_has_the_headers_of_the_protocol()
    {
        IHeaderDictionary? seen = null;
        await using var server = await RawServer.StartAsync(context =>
        {
            seen = new HeaderDictionary(context.Request.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase));
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "5";
            return Task.CompletedTask;
        });

        await Assert.ThrowsAsync<RpcException>(() => server.Client.EchoAsync(
            new EchoMessage(), new Metadata { { "x-bin", [0xFF] } }, DateTime.UtcNow.AddHours(1)).ResponseAsync);

        Assert.Equal("application/grpc", seen!.ContentType);
        Assert.Equal("trailers", seen["te"]);
        Assert.Equal("identity", seen["grpc-accept-encoding"]);
        Assert.Equal("/w", seen["x-bin"]);
        Assert.StartsWith("grpc-dotnet-pmq/", seen.UserAgent.ToString(), StringComparison.Ordinal);
        Assert.Matches("^[0-9]{1,8}[num]$", seen["grpc-timeout"].ToString());
    }

    [Fact]
    public async Task A_server_that_does_not_speak_http2_is_unavailable()
    {
        await using var server = await RawServer.StartAsync(_ => Task.CompletedTask, HttpProtocols.Http1);

        var error = await Assert.ThrowsAsync<RpcException>(
            () => server.Client.EchoAsync(new EchoMessage()).ResponseAsync);

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains(server.Channel.Target, error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_after_the_server_has_ended_the_call_tells_why()
    {
        await using var server = await RawServer.StartAsync(context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "8";
            context.Response.Headers["grpc-message"] = "enough";
            return Task.CompletedTask;
        });
        using var call = server.Client.Chat();

        var read = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        var write = await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new EchoMessage()));

        Assert.Equal((StatusCode.ResourceExhausted, "enough"), (read.StatusCode, read.Status.Detail));
        Assert.Equal((StatusCode.ResourceExhausted, "enough"), (write.StatusCode, write.Status.Detail));
    }

    private static async Task<RpcException> FailAsync(RequestDelegate answer, string contentType = "application/grpc")
    {
        await using var server = await RawServer.StartAsync(context =>
        {
            context.Response.ContentType = contentType;
            return answer(context);
        });
        var call = server.Client.EchoAsync(new EchoMessage());
        var error = await Assert.ThrowsAsync<RpcException>(
            () => call.ResponseAsync.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(error.StatusCode, call.GetStatus().StatusCode);
        return error;
    }
}
