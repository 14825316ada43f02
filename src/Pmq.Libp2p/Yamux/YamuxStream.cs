using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;

namespace Pmq.Libp2p.Yamux;

/// <summary>One stream of a <see cref="YamuxConnection"/>. One reader and one writer at a time.</summary>
internal sealed class YamuxStream : IStream
{
    private readonly YamuxConnection _connection;
    private readonly YamuxInput _input;
    private readonly AsyncSignal _room = new();
    private long _unreported;

    internal YamuxStream(YamuxConnection connection, YamuxStreamState state)
    {
        _connection = connection;
        _input = new YamuxInput(this);
        State = state;
    }

    /// <inheritdoc />
    public long Id => State.Id;

    /// <inheritdoc />
    public string Protocol { get; set; } = "";

    /// <inheritdoc />
    public IConnection Connection =>
        _connection.Owner ?? throw new InvalidOperationException("The connection has no owner.");

    /// <inheritdoc />
    public ConnectionDirection Direction =>
        State.IsOutbound ? ConnectionDirection.Outbound : ConnectionDirection.Inbound;

    /// <inheritdoc />
    public PipeReader Input => _input;

    /// <summary>What the session knows of the stream; guarded by the connection's gate.</summary>
    internal YamuxStreamState State { get; }

    /// <summary>What waits to be framed.</summary>
    internal YamuxSendBuffer SendBuffer { get; } = new();

    /// <summary>Why the stream can no longer be written; null while it can. Guarded by the connection's gate.</summary>
    internal StreamFault? Fault { get; set; }

    /// <summary>Whether a writer waits for room. Guarded by the connection's gate.</summary>
    internal bool WaitsForRoom { get; set; }

    /// <inheritdoc />
    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        int written = _connection.Enqueue(this, data.Span);
        return written == data.Length ? default : WriteRestAsync(data[written..], cancellationToken);
    }

    /// <inheritdoc />
    public bool TryWrite(ReadOnlySpan<byte> data) => _connection.TryEnqueue(this, data);

    /// <inheritdoc />
    public ValueTask CloseWriteAsync(CancellationToken cancellationToken)
    {
        _connection.CloseWrite(this);
        return default;
    }

    /// <inheritdoc />
    public void Reset() => _connection.Reset(this);

    /// <inheritdoc />
    /// <remarks>
    /// A stream that was half-closed by us still sends what was written before; it is reset later if the peer does not
    /// end it within <see cref="YamuxOptions.LingerTimeout"/>.
    /// </remarks>
    public ValueTask DisposeAsync()
    {
        _connection.Release(this);
        _input.Abandon();
        return default;
    }

    internal static StreamException CreateException(StreamFault fault) => new(fault, fault switch
    {
        StreamFault.ResetByPeer => "The peer reset the stream.",
        StreamFault.ResetLocally => "The stream was reset.",
        StreamFault.WriteClosed => "The stream is half-closed: nothing more can be written.",
        StreamFault.LimitExceeded => "Too many streams are open on the connection, or wait to be opened.",
        StreamFault.GoingAway => "The peer is going away and takes no new streams.",
        _ => "The connection has ended.",
    });

    internal bool OnData(ReadOnlySpan<byte> bytes) => _input.Append(bytes);

    internal bool OnRemoteClosed() => _input.CloseRemote();

    /// <summary>The stream failed; its reader and writer are woken. Called without the gate.</summary>
    internal void OnFailed(StreamFault fault)
    {
        _input.Fail(fault);
        _input.Wake();
        _room.Set();
    }

    internal void WakeReader() => _input.Wake();

    internal void WakeWriter() => _room.Set();

    internal void Announce()
    {
        if (State.IsOutbound)
        {
            _connection.Announce(this);
        }
    }

    // Reported in steps: credit is only granted for half a window, so the session need not hear of every message.
    internal void OnConsumed(long length)
    {
        _unreported += length;
        if (_unreported >= YamuxOptions.InitialWindowBytes / 16)
        {
            _connection.Consume(this, (int)_unreported);
            _unreported = 0;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteRestAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), _room);
        while (!data.IsEmpty)
        {
            await _room.WaitAsync();
            if (cancellationToken.IsCancellationRequested)
            {
                _connection.Reset(this);
                throw new OperationCanceledException(cancellationToken);
            }

            data = data[_connection.Enqueue(this, data.Span)..];
        }
    }
}
