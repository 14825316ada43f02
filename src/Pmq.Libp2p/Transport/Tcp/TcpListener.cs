using System.Net;
using System.Net.Sockets;
using Pmq.Core.Addresses;

namespace Pmq.Libp2p.Transport.Tcp;

/// <summary>A listening TCP socket.</summary>
internal sealed class TcpListener : ITransportListener
{
    private readonly Socket _socket;

    private TcpListener(Socket socket)
    {
        _socket = socket;
        LocalAddress = Multiaddr.FromEndPoint((IPEndPoint)socket.LocalEndPoint!);
    }

    /// <inheritdoc />
    public Multiaddr LocalAddress { get; }

    /// <summary>Binds and listens.</summary>
    /// <exception cref="IOException">The port is taken, privileged, or the address not one of this machine.</exception>
    public static TcpListener Bind(IPEndPoint endPoint, Multiaddr address, int backlog)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                // Each address has a socket of its own: /ip6/:: must not take the port of /ip4/0.0.0.0.
                socket.DualMode = false;
            }

            socket.Bind(endPoint);
            socket.Listen(backlog);
            return new TcpListener(socket);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new IOException($"Cannot listen on {address}: {Explain(error)}.", error);
        }
    }

    /// <inheritdoc />
    public async ValueTask<ITransportConnection?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Socket? socket = null;
            try
            {
                socket = await _socket.AcceptAsync(cancellationToken);
                return new TcpConnection(socket);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
            {
                // The peer gave up between its SYN and our accept.
            }
            catch (SocketException error)
            {
                throw new IOException($"Accepting on {LocalAddress} failed: {error.Message}", error);
            }
            catch (IOException)
            {
                socket?.Dispose();
            }
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Explain(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the port is taken; choose another or 0 for a free one",
        SocketError.AddressNotAvailable => "the address is not one of this machine",
        SocketError.AccessDenied => "ports below 1024 need privileges; choose a higher one",
        _ => error.Message,
    };
}
