using Pmq.Core.Protobuf;

namespace Pmq.Gossipsub.Rpc;

/// <summary>Walks the peers that a PRUNE tells.</summary>
internal ref struct PeerInfoReader(ReadOnlySpan<byte> entry)
{
    private ProtoReader _reader = new(entry);

    /// <summary>The next peer: its id and its signed envelope, either empty if it is missing.</summary>
    public bool Next(out ReadOnlySpan<byte> id, out ReadOnlySpan<byte> signedRecord)
    {
        id = signedRecord = [];
        while (_reader.Next())
        {
            if (_reader.FieldNumber != 2 || !_reader.TryReadBytes(out ReadOnlySpan<byte> body))
            {
                continue;
            }

            // PeerInfo: peerID=1, signedPeerRecord=2.
            ProtoReader info = new(body);
            while (info.Next())
            {
                if (info.FieldNumber == 1)
                {
                    info.TryReadBytes(out id);
                }
                else if (info.FieldNumber == 2)
                {
                    info.TryReadBytes(out signedRecord);
                }
            }

            return true;
        }

        return false;
    }
}
