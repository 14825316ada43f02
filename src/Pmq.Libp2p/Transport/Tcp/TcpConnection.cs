using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Pmq.Core.Addresses;

namespace Pmq.Libp2p.Transport.Tcp;

/// <summary>A TCP connection. It owns its socket.</summary>
/// <remarks>Cancelling a send that the kernel has not taken yet ends the connection.</remarks>
internal sealed class TcpConnection : ITransportConnection
{
    private readonly Socket _socket;
    private readonly TcpSender _sender = new();

    /// <summary>Takes over a connected socket.</summary>
    /// <exception cref="IOException">The peer is gone already.</exception>
    public TcpConnection(Socket socket)
    {
        _socket = socket;
        try
        {
            socket.NoDelay = true;
            LocalAddress = AddressOf(socket.LocalEndPoint);
            RemoteAddress = AddressOf(socket.RemoteEndPoint);
        }
        catch (SocketException error)
        {
            throw new IOException($"The TCP connection broke before it was used: {error.Message}", error);
        }
    }

    /// <inheritdoc />
    public Multiaddr LocalAddress { get; }

    /// <inheritdoc />
    public Multiaddr RemoteAddress { get; }

    /// <inheritdoc />
    /// <remarks>
    /// An empty receive of a socket also completes on readiness that an earlier receive has used up; whoever believed it
    /// would hold a buffer while it waits.
    /// </remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            int received;
            do
            {
                received = await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
            }
            while (buffer.IsEmpty && !_socket.Poll(0, SelectMode.SelectRead));
            return received;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            throw Broken(error);
        }
    }

    /// <inheritdoc />
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            while (!data.IsEmpty)
            {
                ValueTask<int> sending = _sender.SendAsync(_socket, data);
                if (sending.IsCompleted)
                {
                    data = data[await sending..];
                    continue;
                }

                using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                    static connection => ((TcpConnection)connection!).Abort(), this);
                data = data[await sending..];
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Broken(error);
        }
    }

    /// <inheritdoc />
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The peer was faster.
        }
    }

    /// <inheritdoc />
    public void Abort()
    {
        try
        {
            // A linger time of zero makes the kernel send RST and drop what is unsent.
            _socket.Close(0);
            _sender.Dispose();
        }
        catch (SocketException)
        {
            // The socket is as gone as it was asked to be.
        }
    }

    /// <summary>Ends our direction in order: the kernel still sends what it has taken.</summary>
    public ValueTask DisposeAsync()
    {
        EndSending();
        _socket.Dispose();
        _sender.Dispose();
        return ValueTask.CompletedTask;
    }

    private static IOException Broken(Exception error) => new($"The TCP connection broke: {error.Message}", error);

    private static Multiaddr AddressOf(EndPoint? endPoint)
    {
        var ip = (IPEndPoint)endPoint!;
        return Multiaddr.FromEndPoint(
            ip.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(ip.Address.MapToIPv4(), ip.Port) : ip);
    }
}
