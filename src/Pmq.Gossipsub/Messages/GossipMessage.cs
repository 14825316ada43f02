namespace Pmq.Gossipsub.Messages;

/// <summary>
/// A message in one array: the whole RPC that carries it, length prefix included, encoded once. Delivery, forwarding to
/// every peer and the history all read that array; it is owned by the garbage collector and never written to again, so
/// slices of it may be kept by anyone for as long as they like.
/// </summary>
public sealed class GossipMessage
{
    private readonly byte[] _frame;

    internal GossipMessage(byte[] frame) => _frame = frame;

    /// <summary>The topic.</summary>
    public string Topic { get; internal init; } = "";

    /// <summary>The id.</summary>
    public MessageId Id { get; internal init; }

    /// <summary>The signature policy of the topic.</summary>
    public SignaturePolicy SignaturePolicy { get; internal init; }

    /// <summary>The peer that handed it over first; null for our own publication.</summary>
    public GossipPeer? ReceivedFrom { get; internal init; }

    /// <summary>What is written to a peer: the RPC's length, then the RPC with this one message.</summary>
    public ReadOnlyMemory<byte> Frame => _frame;

    /// <summary>The payload.</summary>
    public ReadOnlyMemory<byte> Data => throw new NotImplementedException();

    /// <summary>
    /// The binary peer id of the author; empty without strict signing. Proven only once the signature has been found good.
    /// </summary>
    public ReadOnlyMemory<byte> From => throw new NotImplementedException();
}
