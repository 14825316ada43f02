using System.Buffers;
using System.IO.Pipelines;
using Pmq.Core.Hosting;
using Pmq.Libp2p.Multistream;
using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Swarm;

/// <summary>
/// An outbound stream whose one protocol the peer is known to serve: the proposal leaves with the first data, and the
/// answer is read while the application already writes. A peer that says <c>na</c> after all gets a reset.
/// </summary>
internal sealed class OptimisticStream : IStream
{
    /// <summary>First writes up to this size are joined with the proposal into one; above it the copy costs more than it saves.</summary>
    private const int MaxJoinedBytes = 16 * 1024;

    private readonly YamuxStream _stream;
    private readonly MultistreamLimits _limits;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly NegotiatedInput _input;
    private Task? _negotiation;
    private bool _negotiated;
    private bool _inputCompleted;
    private volatile bool _disposed;
    private volatile StreamException? _fault;

    /// <summary>Wraps a fresh stream; nothing is sent before the first write, read or half-close.</summary>
    public OptimisticStream(YamuxStream stream, string protocol, MultistreamLimits limits, TimeProvider time)
    {
        _stream = stream;
        _limits = limits;
        _time = time;
        _input = new NegotiatedInput(this);
        stream.Protocol = protocol;
    }

    /// <inheritdoc />
    public long Id => _stream.Id;

    /// <inheritdoc />
    public string Protocol => _stream.Protocol;

    /// <inheritdoc />
    public IConnection Connection => _stream.Connection;

    /// <inheritdoc />
    public ConnectionDirection Direction => _stream.Direction;

    /// <inheritdoc />
    public PipeReader Input => _input;

    /// <inheritdoc />
    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        ThrowIfRefused();
        return Begin(data.Span) ? ValueTask.CompletedTask : _stream.WriteAsync(data, cancellationToken);
    }

    /// <inheritdoc />
    public bool TryWrite(ReadOnlySpan<byte> data)
    {
        if (_fault is not null)
        {
            return false; // It never throws: who must not wait must not fail either. WriteAsync says why.
        }

        try
        {
            return Begin(data) || _stream.TryWrite(data);
        }
        catch (StreamException)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public ValueTask CloseWriteAsync(CancellationToken cancellationToken)
    {
        Begin(default);
        return _stream.CloseWriteAsync(cancellationToken);
    }

    /// <inheritdoc />
    public void Reset() => _stream.Reset();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Task? negotiation;
        _disposed = true;
        lock (_gate)
        {
            negotiation = _negotiation ??= Task.CompletedTask;
        }

        await _stream.DisposeAsync();
        await negotiation;
    }

    /// <summary>Sends the proposal, if it is not sent yet, with <paramref name="data"/> behind it where it fits.</summary>
    /// <returns>Whether <paramref name="data"/> was sent too.</returns>
    private bool Begin(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            if (_negotiation is not null)
            {
                return false;
            }

            var negotiation = new DialerNegotiation([Protocol], _limits);
            var output = new ArrayBufferWriter<byte>(64 + Math.Min(data.Length, MaxJoinedBytes));
            negotiation.Start(output);
            int proposal = output.WrittenCount;
            bool joined = data.Length <= MaxJoinedBytes;
            if (joined)
            {
                output.Write(data);
                joined = _stream.TryWrite(output.WrittenSpan);
            }

            // The stream is fresh and its send buffer empty: the proposal alone always fits.
            if (!joined && !_stream.TryWrite(output.WrittenSpan[..proposal]))
            {
                throw new StreamException(StreamFault.LimitExceeded, "The send buffer does not hold a proposal.");
            }

            _negotiation = FinishAsync(negotiation);
            return joined;
        }
    }

    private async Task FinishAsync(DialerNegotiation negotiation)
    {
        using var timeout = new CancellationTokenSource(_limits.Timeout, _time);
        try
        {
            MultistreamResult result = await MultistreamStream.FinishAsync(_stream, negotiation, timeout.Token);
            _fault = result.Broken ?? result.State switch
            {
                NegotiationState.Selected => null,
                NegotiationState.NotSupported => new StreamException(
                    StreamFault.ProtocolNotSupported, $"{Connection.RemotePeer} no longer serves {Protocol}."),
                _ => new StreamException(
                    StreamFault.NegotiationFailed,
                    $"{Connection.RemotePeer} broke multistream-select: {result.Violation}."),
            };
        }
        catch (OperationCanceledException)
        {
            _fault = new StreamException(
                StreamFault.NegotiationFailed, $"{Connection.RemotePeer} did not answer a proposal in {_limits.Timeout}.");
        }

        // What was written before a half-close is still sent when nobody waits for the answer.
        if (_fault is not null && !_disposed)
        {
            _stream.Reset();
        }

        lock (_gate)
        {
            _negotiated = true;
            if (_inputCompleted)
            {
                _stream.Input.Complete();
            }
        }
    }

    /// <summary>Ends the input; the answer to the proposal, which comes by it, is still waited for.</summary>
    private void CompleteInput()
    {
        lock (_gate)
        {
            _inputCompleted = true;
            if (_negotiated)
            {
                _stream.Input.Complete();
            }
        }
    }

    private void ThrowIfRefused()
    {
        if (_fault is { } fault)
        {
            throw new StreamException(fault.Reason, fault.Message, fault);
        }
    }

    /// <summary>The stream's input behind the answer to the proposal.</summary>
    private sealed class NegotiatedInput(OptimisticStream owner) : PipeReader
    {
        private bool _negotiated;

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            _negotiated ? owner._stream.Input.ReadAsync(cancellationToken) : ReadFirstAsync(cancellationToken);

        public override bool TryRead(out ReadResult result)
        {
            if (_negotiated || IsNegotiated())
            {
                return owner._stream.Input.TryRead(out result);
            }

            result = default;
            return false;
        }

        public override void AdvanceTo(SequencePosition consumed) => owner._stream.Input.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) =>
            owner._stream.Input.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => owner._stream.Input.CancelPendingRead();

        public override void Complete(Exception? exception = null) => owner.CompleteInput();

        private async ValueTask<ReadResult> ReadFirstAsync(CancellationToken cancellationToken)
        {
            owner.Begin(default);
            await owner._negotiation!.WaitAsync(cancellationToken);
            owner.ThrowIfRefused();
            _negotiated = true;
            return await owner._stream.Input.ReadAsync(cancellationToken);
        }

        private bool IsNegotiated()
        {
            if (owner._negotiation is not { IsCompleted: true })
            {
                return false;
            }

            owner.ThrowIfRefused();
            _negotiated = true;
            return true;
        }
    }
}
