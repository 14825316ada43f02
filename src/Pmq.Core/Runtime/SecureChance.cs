using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pmq.Core.Runtime;

/// <summary>Chance from the operating system's CSPRNG, drawn in blocks of 512 bytes.</summary>
public sealed class SecureChance : Chance
{
    private readonly byte[] _block = new byte[512];
    private int _position = 512;

    /// <inheritdoc />
    public override ulong NextUInt64()
    {
        if (_position == _block.Length)
        {
            RandomNumberGenerator.Fill(_block);
            _position = 0;
        }

        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(_block.AsSpan(_position));
        _position += sizeof(ulong);
        return value;
    }

    /// <inheritdoc />
    public override Chance Fork(string label) => new SecureChance();
}
