using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Pmq.Core.Addresses;

namespace Pmq.Libp2p.Transport.Tcp;

/// <summary>A TCP connection. It owns its socket.</summary>
internal sealed class TcpConnection : ITransportConnection
{
    private readonly Socket _socket;

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
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
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
        try
        {
            while (!data.IsEmpty)
            {
                int sent = await _socket.SendAsync(data, SocketFlags.None, cancellationToken);
                data = data[sent..];
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
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
