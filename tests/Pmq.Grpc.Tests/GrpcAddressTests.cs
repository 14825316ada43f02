using System.Net;
using System.Net.Sockets;

namespace Pmq.Grpc.Tests;

public sealed class GrpcAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:8001", "127.0.0.1", 8001, true)]
    [InlineData("localhost:0", "localhost", 0, true)]
    [InlineData("[::1]:65535", "::1", 65535, true)]
    [InlineData("0.0.0.0:1", "0.0.0.0", 1, false)]
    [InlineData("[::]:1", "::", 1, false)]
    [InlineData("node.example.org:443", "node.example.org", 443, false)]
    public void A_host_and_port_are_read_and_written(string text, string host, int port, bool isLocal)
    {
        var address = GrpcAddress.Parse(text);

        Assert.Equal((host, port, isLocal, text), (address.Host, address.Port, address.IsLocal, address.ToString()));
    }

    [Theory]
    [InlineData("unix:/run/pmq.sock", "/run/pmq.sock")]
    [InlineData("unix:///run/pmq.sock", "/run/pmq.sock")]
    [InlineData("unix:relative", "relative")]
    public void A_unix_socket_has_a_path(string text, string path)
    {
        var address = GrpcAddress.Parse(text);

        Assert.Equal((path, true, $"unix:{path}"), (address.Path, address.IsLocal, address.ToString()));
        Assert.IsType<UnixDomainSocketEndPoint>(address.ListenEndPoint);
    }

    [Theory]
    [InlineData("")]
    [InlineData("8001")]
    [InlineData(":8001")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("::1:8001")]
    [InlineData("[127.0.0.1]:8001")]
    [InlineData("a b:1")]
    [InlineData("http://127.0.0.1:8001")]
    [InlineData("unix:")]
    public void Anything_else_is_refused_with_its_text(string text)
    {
        var error = Assert.Throws<FormatException>(() => GrpcAddress.Parse(text));

        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_path_that_no_socket_can_have_is_refused() =>
        Assert.Throws<FormatException>(() => GrpcAddress.Parse("unix:/" + new string('x', 107)));

    [Fact]
    public void To_listen_a_host_is_an_address_or_localhost()
    {
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 5), GrpcAddress.Parse("localhost:5").ListenEndPoint);
        Assert.Throws<FormatException>(() => GrpcAddress.Parse("node.example.org:5").ListenEndPoint);
    }
}
