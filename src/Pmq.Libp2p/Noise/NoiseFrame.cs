using System.Buffers.Binary;

namespace Pmq.Libp2p.Noise;

/// <summary>The frame around every Noise message.</summary>
/// <remarks>
/// Length of the body (2 bytes, big endian, unsigned), body. Spec: libp2p specs, noise/README.md, Wire Format.
/// </remarks>
internal static class NoiseFrame
{
    /// <summary>The bytes of the length prefix.</summary>
    public const int PrefixLength = 2;

    /// <summary>
    /// The most plaintext that we put into a message. Measured: ChaCha20-Poly1305 loses a quarter of its speed on a
    /// tail that is no multiple of its stride, and a frame of 65,298 bytes still fits one loopback segment.
    /// </summary>
    public const int MaxPlaintextSent = 65_280;

    /// <summary>Writes the prefix of a body of <paramref name="bodyLength"/> bytes.</summary>
    public static void WritePrefix(Span<byte> destination, int bodyLength) =>
        BinaryPrimitives.WriteUInt16BigEndian(destination, checked((ushort)bodyLength));

    /// <summary>Reads the length of the body.</summary>
    public static int ReadPrefix(ReadOnlySpan<byte> source) => BinaryPrimitives.ReadUInt16BigEndian(source);
}
