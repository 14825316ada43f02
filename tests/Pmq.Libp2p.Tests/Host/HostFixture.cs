using System.Collections.Concurrent;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Libp2p.Transport.Memory;

namespace Pmq.Libp2p.Tests.Host;

/// <summary>Hosts of one test on a memory network of its own; ends them with the test.</summary>
internal sealed class HostFixture : IAsyncDisposable
{
    /// <summary>How long a test waits for what must come; far above what it takes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentBag<Libp2pHost> _hosts = [];

    public MemoryNetwork Network { get; } = new();

    public static CancellationToken Soon => new CancellationTokenSource(Patience).Token;

    /// <summary>Makes a host with the identity of that number that listens on <c>/memory/number</c>.</summary>
    public Libp2pHost Make(int number, Func<Libp2pHostOptions, Libp2pHostOptions>? change = null)
    {
        var options = new Libp2pHostOptions
        {
            Identity = TestPeers.Key(number),
            ListenAddresses = [Multiaddr.Parse($"/memory/{number}")],
            MemoryNetwork = Network,
        };
        var host = new Libp2pHost(change is null ? options : change(options));
        _hosts.Add(host);
        return host;
    }

    /// <summary>As <see cref="Make"/>, started.</summary>
    public async Task<Libp2pHost> StartAsync(int number, Func<Libp2pHostOptions, Libp2pHostOptions>? change = null)
    {
        Libp2pHost host = Make(number, change);
        await host.StartAsync(Soon);
        return host;
    }

    /// <summary>As <see cref="StartAsync"/>, on a free TCP port of loopback.</summary>
    public Task<Libp2pHost> StartTcpAsync(int number, Func<Libp2pHostOptions, Libp2pHostOptions>? change = null) =>
        StartAsync(number, options =>
        {
            options = options with { ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")] };
            return change is null ? options : change(options);
        });

    public static async Task<IConnection> ConnectAsync(Libp2pHost from, Libp2pHost to) =>
        await from.ConnectAsync(to.LocalPeer, to.ListenAddresses, Soon);

    public async ValueTask DisposeAsync()
    {
        foreach (Libp2pHost host in _hosts)
        {
            await host.DisposeAsync();
        }
    }
}
