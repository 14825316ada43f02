using Pmq.Core.Protobuf;

namespace Pmq.Gossipsub.Rpc;

/// <summary>Walks the subscriptions of an RPC that was scanned.</summary>
internal ref struct SubscriptionReader(ReadOnlySpan<byte> frame)
{
    private ProtoReader _rpc = new(frame);

    /// <summary>The next subscription, or unsubscription; the topic is empty if none was given.</summary>
    public bool Next(out bool subscribe, out ReadOnlySpan<byte> topic)
    {
        subscribe = false;
        topic = [];
        while (_rpc.Next())
        {
            if (_rpc.FieldNumber != 1 || !_rpc.TryReadBytes(out ReadOnlySpan<byte> body))
            {
                continue;
            }

            ProtoReader reader = new(body);
            while (reader.Next())
            {
                if (reader.FieldNumber == 1 && reader.TryReadVarint(out ulong value))
                {
                    subscribe = value != 0;
                }
                else if (reader.FieldNumber == 2)
                {
                    reader.TryReadBytes(out topic);
                }
            }

            return true;
        }

        return false;
    }
}
