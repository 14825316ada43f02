using System.Threading.Channels;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Libp2p;
using Pmq.Testing;
using Pmq.Testing.Peers;

namespace Pmq.Interop.Tests;

/// <summary>
/// A host of ours and a js peer, connected by either. Both serve <c>/echo</c>, <c>/count</c>, <c>/source</c>; streams of
/// <c>/hold</c> are handed to the test.
/// </summary>
internal sealed class Pair : IAsyncDisposable
{
    private readonly PrivateKey _identity;
    private readonly Channel<IStream> _held = Channel.CreateUnbounded<IStream>();

    private Pair(PrivateKey identity, Libp2pHost host, JsPeer js, CapturedLogs logs) =>
        (_identity, Host, Js, Logs) = (identity, host, js, logs);

    public Libp2pHost Host { get; }

    public JsPeer Js { get; }

    public CapturedLogs Logs { get; }

    public PeerId JsPeerId => PeerId.Parse(Js.PeerId);

    /// <summary>Our end of the connection; there is one after <see cref="ConnectAsync"/>.</summary>
    public IConnection Connection { get; private set; } = null!;

    /// <summary>How long anything in these tests may take before it means that it will not happen.</summary>
    public static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    /// <summary>Both sides listen and serve; nobody has dialed.</summary>
    public static async Task<Pair> StartAsync(Func<Libp2pHostOptions, Libp2pHostOptions>? ours = null, object? js = null)
    {
        var peer = await JsPeer.StartAsync(js);
        var identity = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        var logs = new CapturedLogs();
        var options = new Libp2pHostOptions
        {
            Identity = identity,
            ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")],
            LoggerFactory = logs,
        };
        var pair = new Pair(identity, new Libp2pHost(ours is null ? options : ours(options)), peer, logs);
        pair.Host.Handle("/echo", Streams.EchoAsync);
        pair.Host.Handle("/count", Streams.CountAsync);
        pair.Host.Handle("/source", Streams.SourceAsync);
        pair.Host.Handle("/hold", pair.HoldAsync);
        await pair.Host.StartAsync(Deadline);
        foreach (string mode in new[] { "echo", "count", "source", "hold" })
        {
            await peer.CallAsync("handle", new { protocol = $"/{mode}", mode });
        }

        return pair;
    }

    /// <summary>Starts both and connects them.</summary>
    public static async Task<Pair> ConnectAsync(
        Dialer dialer, Func<Libp2pHostOptions, Libp2pHostOptions>? ours = null, object? js = null)
    {
        var pair = await StartAsync(ours, js);
        try
        {
            await pair.ConnectAsync(dialer);
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects them; through a proxy when a port is given.</summary>
    public async Task ConnectAsync(Dialer dialer, int? proxyPort = null)
    {
        if (dialer == Dialer.Ours)
        {
            string address = proxyPort is { } port ? $"/ip4/127.0.0.1/tcp/{port}/p2p/{Js.PeerId}" : Js.Address;
            Connection = await Host.ConnectAsync(Multiaddr.Parse(address), Deadline);
            await Js.EventAsync("connectionOpen", e => e.GetProperty("peer").GetString() == Host.LocalPeer.ToString());
        }
        else
        {
            string address = proxyPort is { } port
                ? $"/ip4/127.0.0.1/tcp/{port}/p2p/{Host.LocalPeer}" : Host.ListenAddresses[0].ToString();
            using var seen = new ConnectionWatch(Host, JsPeerId);
            await Js.CallAsync("dial", new { address, force = true });
            Connection = await seen.Connected.WaitAsync(Deadline);
        }
    }

    /// <summary>The port that the js peer listens on.</summary>
    public int JsPort => Port(Multiaddr.Parse(Js.Address));

    /// <summary>The port that our host listens on.</summary>
    public int HostPort => Port(Host.ListenAddresses[0]);

    /// <summary>The next inbound stream of <c>/hold</c>; it stays open until the test disposes it.</summary>
    public ValueTask<IStream> NextHeldAsync() => _held.Reader.ReadAsync(Deadline);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Js.DisposeAsync();
        _identity.Dispose();
    }

    private static int Port(Multiaddr address) =>
        address.TryGetEndPoint(out var endPoint) ? endPoint!.Port : throw new FormatException(address.ToString());

    private async Task HoldAsync(IStream stream, CancellationToken cancellationToken)
    {
        var held = new HeldStream(stream);
        await _held.Writer.WriteAsync(held, cancellationToken);
        await held.Disposed.WaitAsync(cancellationToken);
    }
}
