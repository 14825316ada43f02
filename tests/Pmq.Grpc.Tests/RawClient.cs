using System.Net;
using System.Net.Http.Headers;

namespace Pmq.Grpc.Tests;

/// <summary>Speaks HTTP/2 to a server without any gRPC code of ours.</summary>
internal sealed class RawClient(GrpcAddress address) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false });

    public const string EchoPath = "/pmq.test.EchoService/Echo";

    /// <summary>Sends a body and reads the whole answer.</summary>
    public async Task<RawAnswer> PostAsync(
        string path,
        byte[] body,
        string contentType = "application/grpc",
        Action<HttpRequestHeaders>? headers = null,
        HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, $"http://{address}{path}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
        headers?.Invoke(request.Headers);
        using var response = await _http.SendAsync(request, CancellationToken.None);
        var content = await response.Content.ReadAsByteArrayAsync();
        return new RawAnswer(response.StatusCode, Read(response.Headers), content, Read(response.TrailingHeaders));
    }

    public void Dispose() => _http.Dispose();

    private static Dictionary<string, string> Read(HttpHeaders headers) =>
        headers.NonValidated.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
}

/// <summary>An answer as HTTP has it.</summary>
internal sealed record RawAnswer(
    HttpStatusCode Http, Dictionary<string, string> Headers, byte[] Body, Dictionary<string, string> Trailers)
{
    /// <summary>The status and its text, from the trailers or, in an answer of trailers alone, the headers.</summary>
    public (string? Code, string? Message) Status
    {
        get
        {
            var source = Trailers.ContainsKey("grpc-status") ? Trailers : Headers;
            return (source.GetValueOrDefault("grpc-status"), source.GetValueOrDefault("grpc-message"));
        }
    }
}
