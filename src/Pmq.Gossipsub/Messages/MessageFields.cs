using Pmq.Core.Protobuf;

namespace Pmq.Gossipsub.Messages;

/// <summary>The fields of an encoded message as slices of it.</summary>
internal ref struct MessageFields
{
    public ReadOnlySpan<byte> From;
    public ReadOnlySpan<byte> Data;
    public ReadOnlySpan<byte> SequenceNumber;
    public ReadOnlySpan<byte> Topic;
    public ReadOnlySpan<byte> Signature;
    public ReadOnlySpan<byte> Key;

    /// <summary>Whether any of from, seqno, signature and key is there, be it empty.</summary>
    public bool HasAuthor;

    /// <summary>Whether there is a field that we do not know.</summary>
    public bool HasUnknown;

    /// <summary>
    /// Reads a message; false if it is not protobuf. A field that comes twice counts with its last value.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out MessageFields fields)
    {
        fields = default;
        ProtoReader reader = new(body);

        // Message: from=1, data=2, seqno=3, topic=4, signature=5, key=6; all length-delimited. Older peers have
        // topicIDs=4 repeated, which reads the same.
        while (reader.Next())
        {
            switch (reader.FieldNumber)
            {
                case 1:
                    reader.TryReadBytes(out fields.From);
                    fields.HasAuthor = true;
                    break;
                case 2:
                    reader.TryReadBytes(out fields.Data);
                    break;
                case 3:
                    reader.TryReadBytes(out fields.SequenceNumber);
                    fields.HasAuthor = true;
                    break;
                case 4:
                    reader.TryReadBytes(out fields.Topic);
                    break;
                case 5:
                    reader.TryReadBytes(out fields.Signature);
                    fields.HasAuthor = true;
                    break;
                case 6:
                    reader.TryReadBytes(out fields.Key);
                    fields.HasAuthor = true;
                    break;
                default:
                    reader.Skip();
                    fields.HasUnknown = true;
                    break;
            }
        }

        return !reader.Malformed;
    }
}
