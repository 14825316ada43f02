using Pmq.Core.Encoding;

namespace Pmq.Core.Addresses;

/// <summary>Walks the parts of a multiaddr's binary form without allocating.</summary>
public ref struct MultiaddrEnumerator
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    internal MultiaddrEnumerator(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>The part at hand.</summary>
    public MultiaddrComponent Current { get; private set; }

    /// <summary>Whether bytes are left that are no component; never for an address that was parsed.</summary>
    internal bool Malformed { get; private set; }

    /// <summary>Moves to the next part.</summary>
    public bool MoveNext()
    {
        if (_position == _bytes.Length || Malformed)
        {
            return false;
        }

        // varint(code), then varint(length) if the protocol's length varies, then the value.
        int start = _position;
        ReadOnlySpan<byte> rest = _bytes[start..];
        if (Varint.Read(rest, out ulong code, out int read) != VarintStatus.Done
            || MultiaddrProtocol.Find(code) is not { } protocol)
        {
            return Fail();
        }

        ulong length = (ulong)protocol.FixedLength;
        if (protocol.FixedLength < 0)
        {
            if (Varint.Read(rest[read..], out length, out int lengthRead) != VarintStatus.Done)
            {
                return Fail();
            }

            read += lengthRead;
        }

        if (length > (ulong)(rest.Length - read))
        {
            return Fail();
        }

        Current = new MultiaddrComponent(protocol, rest.Slice(read, (int)length), start);
        _position = start + read + (int)length;
        return true;
    }

    private bool Fail()
    {
        Malformed = true;
        return false;
    }
}
