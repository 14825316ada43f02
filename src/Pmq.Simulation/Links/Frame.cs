using Pmq.Core.Encoding;
using Pmq.Gossipsub.Rpc;

namespace Pmq.Simulation.Links;

/// <summary>
/// One RPC as bytes, which are never written to again: the same object may be sent to any number of peers and kept. It
/// is scanned and hashed once, however many receive it.
/// </summary>
public sealed class Frame
{
    private RpcView? _view;
    private RpcViolation _violation;
    private bool _isScanned;

    /// <summary>A frame of one RPC.</summary>
    /// <param name="rpc">The RPC without its length prefix; owned by the frame from here on.</param>
    /// <param name="isShared">Whether it goes to several receivers: then its scan is kept.</param>
    public Frame(ReadOnlyMemory<byte> rpc, bool isShared = false)
        : this(rpc, isShared, -1)
    {
    }

    internal Frame(ReadOnlyMemory<byte> rpc, bool isShared, int messageNumber)
    {
        Rpc = rpc;
        IsShared = isShared;
        MessageNumber = messageNumber;
        WireLength = Varint.LengthOf((ulong)rpc.Length) + rpc.Length;
    }

    /// <summary>The RPC, without its length prefix.</summary>
    public ReadOnlyMemory<byte> Rpc { get; }

    /// <summary>Bytes on the wire: the RPC and its length prefix.</summary>
    public int WireLength { get; }

    /// <summary>Whether it goes to several receivers.</summary>
    public bool IsShared { get; internal set; }

    /// <summary>
    /// The number of the one message of the ledger that it carries in canonical encoding; -1 for any other frame.
    /// </summary>
    public int MessageNumber { get; }

    /// <summary>Of its bytes, for the trace; null before it is asked for.</summary>
    internal long? Hash { get; set; }

    /// <summary>The scanned RPC, good until the next frame is scanned with the same scratch.</summary>
    internal RpcViolation Scan(RpcScanner scanner, RpcView scratch, out RpcView view)
    {
        if (!IsShared)
        {
            view = scratch;
            return scanner.Scan(Rpc, scratch);
        }

        if (!_isScanned)
        {
            _view = new RpcView();
            _violation = scanner.Scan(Rpc, _view);
            _isScanned = true;
        }

        view = _view!;
        return _violation;
    }
}
