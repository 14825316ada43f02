using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Grpc.Core;

namespace Pmq.Grpc.Framing;

/// <summary>
/// Reads messages from a pipe, one reader at a time. Whatever the pipe has handed out is parsed in place and given back
/// when no whole message is left in it, so that a burst costs one read.
/// </summary>
/// <param name="pipe">Where the bytes come from; not completed here.</param>
/// <param name="marshaller">Reads one message.</param>
/// <param name="maxMessageBytes">The longest message allowed.</param>
/// <param name="limitName">What that limit follows from, for who exceeds it; null tells nothing.</param>
internal sealed class MessageReader<T>(
    PipeReader pipe, Marshaller<T> marshaller, int maxMessageBytes, string? limitName = null)
    : DeserializationContext
    where T : class
{
    private ReadOnlySequence<byte> _held;
    private ReadOnlySequence<byte> _payload;
    private bool _isHolding;
    private bool _isEnded;

    /// <inheritdoc/>
    public override int PayloadLength => (int)_payload.Length;

    /// <summary>Takes a message that has come already; false when the pipe must be asked.</summary>
    /// <exception cref="RpcException">The bytes are not a message within the limit.</exception>
    public bool TryTake([NotNullWhen(true)] out T? message)
    {
        message = null;
        if (!_isHolding)
        {
            return false;
        }

        var status = FrameParser.Read(_held, maxMessageBytes, out _payload, out var length);
        if (status == FrameStatus.Incomplete)
        {
            return false;
        }

        if (status != FrameStatus.Message)
        {
            throw Fault(status, length);
        }

        try
        {
            message = marshaller.ContextualDeserializer(this);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw new RpcException(
                new Status(StatusCode.Internal, $"A message of {length} bytes is not a valid {typeof(T).Name}."),
                Metadata.Empty,
                exception);
        }

        _held = _held.Slice(_payload.End);
        _payload = default;
        return true;
    }

    /// <summary>Waits for the next message; null at the end of the stream.</summary>
    /// <exception cref="RpcException">
    /// The bytes are not a message within the limit, or end in the middle of one.
    /// </exception>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(out var message))
            {
                return message;
            }

            if (_isEnded)
            {
                return _held.IsEmpty ? null : throw new RpcException(new Status(
                    StatusCode.Internal,
                    $"The stream ended in the middle of a message, {_held.Length} bytes into it."));
            }

            if (_isHolding)
            {
                _isHolding = false;
                pipe.AdvanceTo(_held.Start, _held.End);
            }

            var result = await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
            _held = result.Buffer;
            _isHolding = true;
            _isEnded = result.IsCompleted;
            if (result.IsCanceled)
            {
                throw new OperationCanceledException("The read was cancelled.");
            }
        }
    }

    /// <inheritdoc/>
    public override byte[] PayloadAsNewBuffer() => _payload.ToArray();

    /// <inheritdoc/>
    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;

    private RpcException Fault(FrameStatus status, uint length) => new(status switch
    {
        FrameStatus.TooLarge => new Status(
            StatusCode.ResourceExhausted,
            $"A message of {length} bytes exceeds the limit of {maxMessageBytes}"
            + (limitName is null ? "." : $" ({limitName}).")),
        FrameStatus.Compressed => new Status(
            StatusCode.Internal, "A message is compressed, but no grpc-encoding was declared."),
        _ => new Status(StatusCode.Internal, "A message starts with neither 0 nor 1: the framing is lost."),
    });
}
