using System.Buffers;

namespace Grpc.Core;

/// <summary>
/// Where a message is written: its length first, then as many bytes, then <see cref="Complete()"/>; or all in one.
/// </summary>
internal abstract class SerializationContext
{
    /// <summary>Writes the whole message at once.</summary>
    public abstract void Complete(byte[] payload);

    /// <summary>Says how long the message will be, in bytes.</summary>
    public abstract void SetPayloadLength(int payloadLength);

    /// <summary>Where the bytes go; valid until <see cref="Complete()"/>.</summary>
    public abstract IBufferWriter<byte> GetBufferWriter();

    /// <summary>All bytes are written.</summary>
    public abstract void Complete();
}
