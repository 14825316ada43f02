using Pmq.Core.Protobuf;

namespace Pmq.Gossipsub.Rpc;

/// <summary>
/// Walks the control entries of an RPC that was scanned; a control field that comes more than once is one.
/// </summary>
internal ref struct ControlReader(ReadOnlySpan<byte> frame)
{
    private ProtoReader _rpc = new(frame);
    private ProtoReader _control = new([]);

    /// <summary>What the entry at hand is.</summary>
    public ControlKind Kind { get; private set; }

    /// <summary>The entry at hand, encoded.</summary>
    public ReadOnlySpan<byte> Entry { get; private set; }

    public bool Next()
    {
        while (true)
        {
            while (_control.Next())
            {
                Kind = (ControlKind)_control.FieldNumber;
                if (Kind is >= ControlKind.IHave and <= ControlKind.IDontWant
                    && _control.TryReadBytes(out ReadOnlySpan<byte> entry))
                {
                    Entry = entry;
                    return true;
                }
            }

            if (!NextControl())
            {
                return false;
            }
        }
    }

    private bool NextControl()
    {
        while (_rpc.Next())
        {
            if (_rpc.FieldNumber == 3 && _rpc.TryReadBytes(out ReadOnlySpan<byte> body))
            {
                _control = new ProtoReader(body);
                return true;
            }
        }

        return false;
    }

    /// <summary>The field that holds the topic in an entry of <paramref name="kind"/>; 0 if it has none.</summary>
    public static int TopicFieldOf(ControlKind kind) => kind is ControlKind.IWant or ControlKind.IDontWant ? 0 : 1;

    /// <summary>The field that holds the ids in an entry of <paramref name="kind"/>; 0 if it has none.</summary>
    public static int IdFieldOf(ControlKind kind) => kind switch
    {
        ControlKind.IHave => 2,
        ControlKind.IWant or ControlKind.IDontWant => 1,
        _ => 0,
    };

    /// <summary>The topic of IHAVE, GRAFT or PRUNE; empty if there is none.</summary>
    public static ReadOnlySpan<byte> TopicOf(ReadOnlySpan<byte> entry)
    {
        ReadOnlySpan<byte> topic = [];
        ProtoReader reader = new(entry);
        while (reader.Next())
        {
            if (reader.FieldNumber == 1)
            {
                reader.TryReadBytes(out topic);
            }
        }

        return topic;
    }

    /// <summary>The backoff of a PRUNE in seconds; 0 if there is none.</summary>
    public static ulong BackoffOf(ReadOnlySpan<byte> entry)
    {
        ulong seconds = 0;
        ProtoReader reader = new(entry);
        while (reader.Next())
        {
            if (reader.FieldNumber == 3)
            {
                reader.TryReadVarint(out seconds);
            }
        }

        return seconds;
    }
}
