using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;

namespace Pmq.Grpc.Client;

/// <summary>
/// Calls to one server. Connects with the first call and again whenever a call finds no connection; disposing it ends
/// all calls. Any number of threads may use it.
/// </summary>
internal sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly Uri _baseUri;

    // By method; as many as the generated clients have.
    private readonly ConcurrentDictionary<string, Uri> _uris = new();
    private readonly CancellationTokenSource _closing = new();

    private GrpcChannel(GrpcAddress address, GrpcChannelOptions options)
        : base(address.ToString())
    {
        Address = address;
        Options = options;
        var scheme = options.Tls is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;

        // Over a Unix socket the authority is only a name; :80 or :443 is what the scheme implies.
        _baseUri = new UriBuilder(scheme, address.Host, address.Path is null ? address.Port : -1).Uri;
        _http = new HttpMessageInvoker(CreateHandler(address, options));
    }

    public GrpcAddress Address { get; }

    public GrpcChannelOptions Options { get; }

    /// <summary>Makes a channel; nothing is connected yet.</summary>
    public static GrpcChannel ForAddress(GrpcAddress address, GrpcChannelOptions? options = null) =>
        new(address, options ?? new GrpcChannelOptions());

    /// <inheritdoc cref="ForAddress(GrpcAddress, GrpcChannelOptions?)"/>
    /// <exception cref="FormatException">Neither HOST:PORT nor unix:PATH.</exception>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions? options = null) =>
        ForAddress(GrpcAddress.Parse(address), options);

    /// <inheritdoc/>
    public override CallInvoker CreateCallInvoker() => new HttpCallInvoker(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        _closing.Cancel();
        _http.Dispose();
    }

    /// <summary>Cancelled by <see cref="Dispose"/>.</summary>
    internal CancellationToken Closing => _closing.Token;

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http.SendAsync(request, cancellationToken);

    internal Uri UriOf(string path) =>
        _uris.GetOrAdd(path, static (path, baseUri) => new Uri(baseUri, path), _baseUri);

    private static SocketsHttpHandler CreateHandler(GrpcAddress address, GrpcChannelOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.KeepAliveInterval,
            KeepAlivePingTimeout = options.KeepAliveTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            MaxResponseHeadersLength = options.MaxMetadataKibibytes,
            ConnectCallback = (_, cancellationToken) => ConnectAsync(address, cancellationToken),
        };
        if (options.Tls is not null)
        {
            handler.SslOptions = options.Tls;
        }

        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(GrpcAddress address, CancellationToken cancellationToken)
    {
        var socket = address.Path is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (address.Path is null)
            {
                await socket.ConnectAsync(address.Host, address.Port, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.Path), cancellationToken)
                    .ConfigureAwait(false);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
