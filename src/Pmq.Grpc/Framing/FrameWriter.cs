using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace Pmq.Grpc.Framing;

/// <summary>Writes messages with their header into a buffer, without a copy of the message.</summary>
/// <param name="output">Where they go. Nothing is flushed here.</param>
internal sealed class FrameWriter(IBufferWriter<byte> output) : SerializationContext
{
    private enum State
    {
        Idle,
        Started,
        Body,
    }

    private State _state;

    /// <summary>Writes one message.</summary>
    /// <exception cref="InvalidOperationException">
    /// The serializer did not complete; what is in the buffer is half a message and must not be sent.
    /// </exception>
    public void Write<T>(T message, Marshaller<T> marshaller)
    {
        _state = State.Started;
        marshaller.ContextualSerializer(message, this);
        if (_state != State.Idle)
        {
            throw new InvalidOperationException($"The serializer of {typeof(T)} did not complete.");
        }
    }

    /// <inheritdoc/>
    public override void Complete(byte[] payload)
    {
        SetPayloadLength(payload.Length);
        output.Write(payload);
        Complete();
    }

    /// <inheritdoc/>
    public override void SetPayloadLength(int payloadLength)
    {
        if (_state != State.Started)
        {
            throw new InvalidOperationException("The length of a message is set once, before its bytes.");
        }

        // Compressed-Flag: u8 (0) | Message-Length: u32 big endian
        var header = output.GetSpan(FrameParser.HeaderLength);
        header[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], payloadLength);
        output.Advance(FrameParser.HeaderLength);
        _state = State.Body;
    }

    /// <inheritdoc/>
    public override IBufferWriter<byte> GetBufferWriter() => _state == State.Body
        ? output
        : throw new InvalidOperationException("The length of a message is set before its bytes are written.");

    /// <inheritdoc/>
    public override void Complete() => _state = State.Idle;
}
