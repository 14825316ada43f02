using System.Net.Sockets;
using System.Runtime.Versioning;
using Grpc.Core;
using Pmq.Grpc.Client;
using Pmq.Grpc.Server;
using Pmq.Grpc.Tests.Echo;

namespace Pmq.Grpc.Tests.Server;

/// <summary>Who may call, and where the server listens.</summary>
public sealed class AccessTests
{
    private static readonly GrpcServerOptions WithToken = new() { Authorize = BearerToken.Require("the token") };

    [Theory]
    [InlineData(null, "This server wants 'authorization: Bearer TOKEN'.")]
    [InlineData("another token", "The bearer token is not the one of this server.")]
    public async Task A_call_without_the_token_is_unauthenticated(string? token, string text)
    {
        await using var server = await EchoServer.StartAsync(
            options: WithToken, channelOptions: new GrpcChannelOptions { BearerToken = token });

        var error = await Assert.ThrowsAsync<RpcException>(
            () => server.Client.EchoAsync(new EchoMessage()).ResponseAsync);

        Assert.Equal((StatusCode.Unauthenticated, text), (error.StatusCode, error.Status.Detail));
        Assert.Null(server.Service.LastEcho);
    }

    [Fact]
    public async Task A_call_with_the_token_is_let_in()
    {
        await using var server = await EchoServer.StartAsync(
            options: WithToken, channelOptions: new GrpcChannelOptions { BearerToken = "the token" });

        await server.Client.EchoAsync(new EchoMessage());
    }

    [Fact]
    public async Task Nobody_learns_without_the_token_which_methods_there_are()
    {
        await using var server = await EchoServer.StartAsync(options: WithToken);
        using var raw = new RawClient(server.Address);

        Assert.Equal("16", (await raw.PostAsync("/no.such.Service/Method", [])).Status.Code);
    }

    [Fact]
    public async Task Another_refusal_is_passed_on()
    {
        await using var server = await EchoServer.StartAsync(options: new GrpcServerOptions
        {
            Authorize = http => new Status(StatusCode.PermissionDenied, $"Not from {http.Connection.RemoteIpAddress}."),
        });

        var error = await Assert.ThrowsAsync<RpcException>(
            () => server.Client.EchoAsync(new EchoMessage()).ResponseAsync);

        Assert.Equal((StatusCode.PermissionDenied, "Not from 127.0.0.1."), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_unix_socket_is_open_to_its_owner_alone()
    {
        await using var server = await EchoServer.StartAsync("unix");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(server.Address.Path!));
        await server.Client.EchoAsync(new EchoMessage());
        Assert.Equal("unix:", server.Service.LastEcho!.Peer);
    }

    [Fact]
    public async Task A_socket_that_a_killed_process_left_is_replaced()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("s");

        // Bound and not listening: what others meet is the file of a dead process.
        using var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        dead.Bind(new UnixDomainSocketEndPoint(path));

        await using var server = await EchoServer.StartAsync($"unix:{path}");
        await server.Client.EchoAsync(new EchoMessage());
    }

    [Fact]
    public async Task A_socket_that_is_in_use_is_not_taken_over()
    {
        await using var server = await EchoServer.StartAsync("unix");

        var error = await Assert.ThrowsAnyAsync<IOException>(() => EchoServer.StartAsync(server.Address.ToString()));

        Assert.Contains("another process listens there", error.ToString(), StringComparison.Ordinal);
        await server.Client.EchoAsync(new EchoMessage());
    }

    [Theory]
    [InlineData("")]
    [InlineData("precious")]
    public async Task A_file_that_is_no_socket_is_left_alone(string content)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("s");
        await File.WriteAllTextAsync(path, content);

        var error = await Assert.ThrowsAnyAsync<IOException>(() => EchoServer.StartAsync($"unix:{path}"));

        Assert.Contains("is not a socket", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using var server = await EchoServer.StartAsync();

        var error = await Assert.ThrowsAnyAsync<IOException>(() => EchoServer.StartAsync(server.Address.ToString()));

        Assert.Contains(server.Address.ToString(), error.Message, StringComparison.Ordinal);
    }
}
