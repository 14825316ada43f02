using Pmq.Core.Protobuf;

namespace Pmq.Gossipsub.Rpc;

/// <summary>Walks the ids of a control entry that was scanned.</summary>
internal ref struct IdReader(ReadOnlySpan<byte> entry, ControlKind kind)
{
    private readonly int _field = ControlReader.IdFieldOf(kind);
    private ProtoReader _reader = new(entry);

    /// <summary>The next id as it is on the wire, of whatever shape.</summary>
    public bool Next(out ReadOnlySpan<byte> id)
    {
        while (_reader.Next())
        {
            if (_reader.FieldNumber == _field && _reader.TryReadBytes(out id))
            {
                return true;
            }
        }

        id = [];
        return false;
    }
}
