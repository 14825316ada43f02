using System.Buffers;

namespace Grpc.Core;

/// <summary>The bytes of a received message.</summary>
internal abstract class DeserializationContext
{
    /// <summary>In bytes.</summary>
    public abstract int PayloadLength { get; }

    /// <summary>A copy.</summary>
    public abstract byte[] PayloadAsNewBuffer();

    /// <summary>The bytes in place, valid only until the deserializer returns.</summary>
    public abstract ReadOnlySequence<byte> PayloadAsReadOnlySequence();
}
