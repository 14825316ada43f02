using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.Rpc;

/// <summary>
/// Reads RPCs on the connection's side: checks the whole of one against the limits, then notes where its messages lie and
/// what their ids are, so that the router's loop neither decodes nor hashes. Thread-safe; a view belongs to one thread.
/// </summary>
public sealed class RpcScanner
{
    /// <summary>A scanner by the limits and the topics' rules of <paramref name="options"/>.</summary>
    public RpcScanner(GossipsubOptions options) => throw new NotImplementedException();

    /// <summary>
    /// Scans the RPC <paramref name="frame"/>, without its length prefix. Total: any bytes fill <paramref name="view"/> or
    /// name a violation, which leaves the view empty.
    /// </summary>
    /// <param name="frame">Borrowed by the view until it is scanned into again or cleared.</param>
    /// <param name="view">Reused from RPC to RPC; grows to the most messages that one RPC held.</param>
    public RpcViolation Scan(ReadOnlyMemory<byte> frame, RpcView view) => throw new NotImplementedException();
}
