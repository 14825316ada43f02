using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace Pmq.Libp2p.Transport.Tcp;

/// <summary>
/// Sends on a socket, one call at a time, without an allocation. Unlike the socket's own operation it forgets the buffer
/// once that is sent: an idle connection must not keep a large pooled array alive.
/// </summary>
internal sealed class TcpSender : SocketAsyncEventArgs, IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _source;

    /// <summary>A sender that does not carry the caller's execution context along.</summary>
    public TcpSender()
        : base(true)
    {
    }

    /// <summary>Sends a part of <paramref name="data"/>, normally all of it; gives the bytes sent.</summary>
    /// <exception cref="SocketException">The connection broke.</exception>
    /// <exception cref="ObjectDisposedException">The connection was closed.</exception>
    public ValueTask<int> SendAsync(Socket socket, ReadOnlyMemory<byte> data)
    {
        _source.Reset();
        SetBuffer(MemoryMarshal.AsMemory(data));
        if (socket.SendAsync(this))
        {
            return new ValueTask<int>(this, _source.Version);
        }

        SetBuffer(Memory<byte>.Empty);
        return SocketError == SocketError.Success
            ? new ValueTask<int>(BytesTransferred)
            : ValueTask.FromException<int>(new SocketException((int)SocketError));
    }

    /// <inheritdoc />
    public int GetResult(short token) => _source.GetResult(token);

    /// <inheritdoc />
    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    /// <inheritdoc />
    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc />
    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        try
        {
            SetBuffer(Memory<byte>.Empty);
        }
        catch (ObjectDisposedException)
        {
            // The connection was closed under the send; whoever waits is told below.
        }

        if (SocketError == SocketError.Success)
        {
            _source.SetResult(BytesTransferred);
        }
        else
        {
            _source.SetException(new SocketException((int)SocketError));
        }
    }
}
