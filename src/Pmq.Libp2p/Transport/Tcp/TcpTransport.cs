using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pmq.Core.Addresses;

namespace Pmq.Libp2p.Transport.Tcp;

/// <summary>
/// TCP over <c>/ip4</c>, <c>/ip6</c>, and for dialing <c>/dns</c>, <c>/dns4</c> and <c>/dns6</c>, whose name is resolved
/// at each dial.
/// </summary>
internal sealed class TcpTransport : ITransport
{
    /// <summary>
    /// Names looked up at once in this process (arbitrary, may be raised). Each may block a thread of the pool for half a
    /// minute, and strangers choose the names: without a bound they could block them all.
    /// </summary>
    private const int MaxLookups = 4;

    /// <summary>Connections the kernel holds before we accept them: what Kestrel asks for.</summary>
    private const int Backlog = 512;

    /// <summary>Addresses of one name that are tried, one after another (arbitrary, may be raised).</summary>
    private const int MaxResolved = 8;

    private static readonly SemaphoreSlim Lookups = new(MaxLookups);

    private readonly Func<string, AddressFamily, Task<IPAddress[]>> _resolver;

    /// <summary>Resolves names as the system does.</summary>
    public TcpTransport()
        : this(static (name, family) => Dns.GetHostAddressesAsync(name, family))
    {
    }

    /// <summary>As <see cref="TcpTransport()"/>, with another resolver.</summary>
    internal TcpTransport(Func<string, AddressFamily, Task<IPAddress[]>> resolver) => _resolver = resolver;

    /// <inheritdoc />
    public bool CanDial(Multiaddr address) => address.TryGetEndPoint(out _) || TryGetName(address, out _, out _, out _);

    /// <inheritdoc />
    public bool CanListen(Multiaddr address) => address.TryGetEndPoint(out _);

    /// <inheritdoc />
    public async ValueTask<ITransportConnection> DialAsync(Multiaddr address, CancellationToken cancellationToken)
    {
        if (address.TryGetEndPoint(out IPEndPoint? endPoint))
        {
            return await ConnectAsync(endPoint!, address, cancellationToken);
        }

        if (!TryGetName(address, out string name, out int port, out AddressFamily family))
        {
            throw new IOException($"Cannot dial {address}: it is not ip4, ip6, dns, dns4 or dns6 followed by tcp.");
        }

        IOException? last = null;
        foreach (IPAddress resolved in await ResolveAsync(name, family, cancellationToken))
        {
            try
            {
                return await ConnectAsync(new IPEndPoint(resolved, port), address, cancellationToken);
            }
            catch (IOException error)
            {
                last = error;
            }
        }

        throw last ?? new IOException($"Cannot dial {address}: the name has no address.");
    }

    /// <inheritdoc />
    public ValueTask<ITransportListener> ListenAsync(Multiaddr address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return address.TryGetEndPoint(out IPEndPoint? endPoint)
            ? ValueTask.FromResult<ITransportListener>(TcpListener.Bind(endPoint!, address, Backlog))
            : throw new IOException($"Cannot listen on {address}: a listening address is ip4 or ip6 followed by tcp.");
    }

    private static async ValueTask<ITransportConnection> ConnectAsync(
        IPEndPoint endPoint, Multiaddr address, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new TcpConnection(socket);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new IOException($"Cannot connect to {address}: {error.Message}", error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(
        string name, AddressFamily family, CancellationToken cancellationToken)
    {
        try
        {
            IPAddress[] resolved = await LookUpAsync(name, family, cancellationToken);
            return [.. resolved.Take(MaxResolved)];
        }
        catch (SocketException error)
        {
            throw new IOException($"Cannot resolve {name}: {error.Message}", error);
        }
    }

    /// <summary>The system cannot give up a lookup that runs: who no longer wants it leaves it to its end.</summary>
    private async ValueTask<IPAddress[]> LookUpAsync(
        string name, AddressFamily family, CancellationToken cancellationToken)
    {
        await Lookups.WaitAsync(cancellationToken);
        Task<IPAddress[]> lookup = RunLookupAsync(name, family);
        try
        {
            return await lookup.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _ = lookup.ContinueWith(
                static late => late.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            throw;
        }
    }

    private async Task<IPAddress[]> RunLookupAsync(string name, AddressFamily family)
    {
        try
        {
            return await _resolver(name, family);
        }
        finally
        {
            Lookups.Release();
        }
    }

    /// <summary>Takes <c>/dns|dns4|dns6/&lt;name&gt;/tcp/&lt;port&gt;</c> apart.</summary>
    private static bool TryGetName(Multiaddr address, out string name, out int port, out AddressFamily family)
    {
        (name, port, family) = ("", 0, AddressFamily.Unspecified);
        string[] parts = address.WithoutPeer().ToString().Split('/');
        if (parts is not ["", ("dns" or "dns4" or "dns6") and var kind, var host, "tcp", var number]
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out port))
        {
            return false;
        }

        name = host;
        family = kind switch
        {
            "dns4" => AddressFamily.InterNetwork,
            "dns6" => AddressFamily.InterNetworkV6,
            _ => AddressFamily.Unspecified,
        };
        return true;
    }
}
