using Microsoft.Extensions.Logging.Abstractions;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Noise;
using Pmq.Libp2p.Transport;
using Pmq.Libp2p.Transport.Memory;
using Pmq.Libp2p.Transport.Tcp;
using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Tests.Yamux;

/// <summary>Two ends of one secured, multiplexed connection in this process.</summary>
internal sealed class YamuxPair : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private YamuxPair(YamuxConnection dialer, YamuxConnection listener)
    {
        Dialer = dialer;
        Listener = listener;
    }

    public YamuxConnection Dialer { get; }

    public YamuxConnection Listener { get; }

    public static async Task<YamuxPair> OverMemoryAsync(
        YamuxOptions? dialer = null, YamuxOptions? listener = null, TimeProvider? time = null)
    {
        (ITransportConnection a, ITransportConnection b) = MemoryTransports();
        return await CreateAsync(a, b, dialer, listener, time);
    }

    public static async Task<YamuxPair> OverTcpAsync(YamuxOptions? dialer = null, YamuxOptions? listener = null)
    {
        (ITransportConnection a, ITransportConnection b) = await TcpTransportsAsync();
        return await CreateAsync(a, b, dialer, listener, null);
    }

    public static (ITransportConnection Dialer, ITransportConnection Listener) MemoryTransports() =>
        MemoryConnection.CreatePair(
            Multiaddr.Parse("/memory/1"), Multiaddr.Parse("/memory/2"), 256 * 1024, static _ => { }, static _ => { });

    public static async Task<(ITransportConnection Dialer, ITransportConnection Listener)> TcpTransportsAsync()
    {
        var transport = new TcpTransport();
        await using ITransportListener listener =
            await transport.ListenAsync(Multiaddr.Parse("/ip4/127.0.0.1/tcp/0"), CancellationToken.None);
        ValueTask<ITransportConnection?> accepted = listener.AcceptAsync(CancellationToken.None);
        ITransportConnection dialed = await transport.DialAsync(listener.LocalAddress, CancellationToken.None);
        return (dialed, (await accepted)!);
    }

    public static async Task<(NoiseChannel Dialer, NoiseChannel Listener)> HandshakeAsync(
        ITransportConnection dialer, ITransportConnection listener)
    {
        using PrivateKey dialerKey = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        using PrivateKey listenerKey = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        using var dialerIdentity = new NoiseIdentity(dialerKey, SystemEntropy.Instance);
        using var listenerIdentity = new NoiseIdentity(listenerKey, SystemEntropy.Instance);
        using NoiseUpgrade outbound = Upgrade(dialer, ConnectionDirection.Outbound, dialerIdentity);
        using NoiseUpgrade inbound = Upgrade(listener, ConnectionDirection.Inbound, listenerIdentity);
        Task<NoiseUpgradeResult> answered = inbound.RunAsync(default, CancellationToken.None).AsTask();
        NoiseChannel ours = (await outbound.RunAsync(default, CancellationToken.None)).Channel!;

        // The last message of the dialer goes out with its first write; here nobody has written yet.
        await dialer.SendAsync(ours.TakePending(), CancellationToken.None);
        return (ours, (await answered.WaitAsync(Patience)).Channel!);
    }

    public async ValueTask DisposeAsync()
    {
        await Dialer.DisposeAsync();
        await Listener.DisposeAsync();
    }

    /// <summary>
    /// A stream opened by the dialer, with its twin at the listener; the opener has written one byte.
    /// </summary>
    public async Task<(YamuxStream Opener, YamuxStream Acceptor)> OpenAsync()
    {
        YamuxStream opener = await Dialer.OpenStreamAsync(CancellationToken.None);
        await opener.WriteAsync(new byte[1], CancellationToken.None);
        YamuxStream acceptor = (await Listener.AcceptStreamAsync(CancellationToken.None).AsTask().WaitAsync(Patience))!;
        await acceptor.ReadExactlyAsync(1);
        return (opener, acceptor);
    }

    private static async Task<YamuxPair> CreateAsync(
        ITransportConnection a,
        ITransportConnection b,
        YamuxOptions? dialer,
        YamuxOptions? listener,
        TimeProvider? time)
    {
        (NoiseChannel ours, NoiseChannel theirs) = await HandshakeAsync(a, b);
        time ??= TimeProvider.System;
        var pair = new YamuxPair(
            new YamuxConnection(
                ours, ConnectionDirection.Outbound, dialer ?? YamuxOptions.Default, time, NullLogger.Instance),
            new YamuxConnection(
                theirs, ConnectionDirection.Inbound, listener ?? YamuxOptions.Default, time, NullLogger.Instance));
        pair.Dialer.Start();
        pair.Listener.Start();
        return pair;
    }

    private static NoiseUpgrade Upgrade(
        ITransportConnection transport, ConnectionDirection direction, NoiseIdentity identity) =>
        new(transport, direction, identity, null, ["/yamux/1.0.0"], NoiseOptions.Default, SystemEntropy.Instance);
}
