using System.Buffers;
using System.IO.Pipelines;
using Pmq.Core.Encoding;
using Pmq.Core.Hosting;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Rpc;

namespace Pmq.Engine.Gossip;

/// <summary>
/// Reads one inbound stream: cuts it into RPCs, scans and hashes them where they lie in the stream's buffers, and hands
/// them to the router's owner a batch at a time. It reads on only when the batch is done, so a flooding peer is held
/// back by its stream's flow control and nothing is dropped here.
/// </summary>
/// <remarks>Wire: repeated {varint length, RPC}. The length is checked before a byte of the RPC is kept.</remarks>
internal sealed class InboundReader
{
    /// <summary>
    /// A longer RPC is gathered in a buffer of its own as it comes: waiting for it whole would stall its window.
    /// </summary>
    private const int MaxInPlace = 64 * 1024;

    /// <summary>What a view costs beside the RPC: a batch of empty RPCs, one byte each, is bounded by it.</summary>
    private const int ViewBytes = 64;

    private readonly GossipsubDriver _driver;
    private readonly RpcScanner _scanner;
    private readonly IStream _stream;
    private readonly int _maxFrame;
    private readonly int _maxBatchBytes;
    private readonly List<RpcView> _views = [];
    private readonly AsyncSignal _handled = new();
    private readonly TaskCompletionSource _superseded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _scratch = [];
    private int _scratchUsed;
    private int _count;
    private int _batchBytes;
    private int _controlEnd;

    public InboundReader(
        GossipsubDriver driver, RpcScanner scanner, PeerLink link, IStream stream, int maxFrame, int maxBatchBytes)
    {
        _driver = driver;
        _scanner = scanner;
        Link = link;
        _stream = stream;
        _maxFrame = maxFrame;
        _maxBatchBytes = maxBatchBytes;
    }

    public PeerLink Link { get; }

    public IConnection Connection => _stream.Connection;

    /// <summary>The rule that the peer broke; reading ends with it.</summary>
    public RpcViolation Violation { get; private set; }

    /// <summary>RPCs of the batch for the control lane; see <see cref="IsControl"/>.</summary>
    public int ControlCount { get; private set; }

    /// <summary>RPCs of the batch for the payload lane.</summary>
    public int PayloadCount => _count - ControlCount;

    /// <summary>
    /// The RPCs of the batch, in order. The router's owner reads them between <c>Post</c> and <see cref="OnHandled"/>.
    /// </summary>
    public List<RpcView> Views => _views;

    /// <summary>How many of <see cref="Views"/> make the batch.</summary>
    public int Count => _count;

    /// <summary>RPCs that the router's owner has handled.</summary>
    public int HandledCount { get; set; }

    /// <summary>RPCs with payload that it has handled.</summary>
    public int HandledPayload { get; set; }

    /// <summary>Where the payload that is not handled begins.</summary>
    public int NextPayload { get; set; }

    /// <summary>Bytes that this stream may still have handled in its turn. Belongs to the router's owner.</summary>
    public long Deficit { get; set; }

    /// <summary>
    /// Whether an RPC of the batch goes ahead of payload. It does not if it carries some, nor if it stands behind
    /// control that comes with payload: what the peer said last must count last.
    /// </summary>
    public bool IsControl(int index) => index < _controlEnd && !_views[index].HasPayload;

    /// <summary>The owner of the router is done with the batch: its memory may be used again.</summary>
    public void OnHandled() => _handled.Set();

    /// <summary>A newer inbound stream has taken its place, or the peer is gone.</summary>
    public void Supersede()
    {
        _superseded.TrySetResult();
        _stream.Reset();
    }

    /// <summary>Reads until the peer half-closes, breaks a rule, or the stream ends.</summary>
    /// <exception cref="StreamException">The stream was reset or its connection ended.</exception>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        PipeReader input = _stream.Input;
        try
        {
            // Until the router knows the peer what it sends waits in the stream's window.
            await Task.WhenAny(Link.WhenKnown, _superseded.Task).WaitAsync(cancellationToken);
            while (true)
            {
                ReadResult result = await input.ReadAsync(cancellationToken);
                ReadOnlySequence<byte> rest = result.Buffer;
                int large;
                while (FillBatch(ref rest, out large))
                {
                    await HandOverAsync();
                }

                // A long RPC is gathered from what is here already; otherwise more must come before there is anything
                // to do.
                input.AdvanceTo(rest.Start, large > 0 ? rest.Start : rest.End);
                if (Violation != RpcViolation.None)
                {
                    return;
                }

                if (large > 0)
                {
                    await ReadLargeAsync(input, large, cancellationToken);
                }
                else if (result.IsCompleted)
                {
                    return;
                }
            }
        }
        finally
        {
            ReturnScratch();
        }
    }

    /// <summary>
    /// Scans whole RPCs at the head of <paramref name="rest"/>. True when the batch holds something to hand over.
    /// </summary>
    /// <param name="rest">Starts after the last RPC that was taken.</param>
    /// <param name="large">
    /// Bytes of an RPC, length prefix included, that must be gathered; 0 when there is none.
    /// </param>
    private bool FillBatch(ref ReadOnlySequence<byte> rest, out int large)
    {
        large = 0;
        _count = _batchBytes = _scratchUsed = 0;
        while (_batchBytes < _maxBatchBytes && TryReadLength(rest, out int prefix, out int length))
        {
            int whole = prefix + length;
            if (whole > MaxInPlace)
            {
                // Memory is taken only once a part has truly come.
                large = rest.Length >= MaxInPlace && _count == 0 ? whole : 0;
                break;
            }

            if (rest.Length < whole || !TryLay(rest.Slice(prefix, length), out ReadOnlyMemory<byte> frame))
            {
                break;
            }

            if (!Scan(frame))
            {
                break;
            }

            rest = rest.Slice(whole);
        }

        return _count > 0;
    }

    /// <summary>Reads the length prefix; false when it is not there whole, or against the rules.</summary>
    private bool TryReadLength(in ReadOnlySequence<byte> rest, out int prefix, out int length)
    {
        length = 0;
        scoped ReadOnlySpan<byte> head = rest.FirstSpan;
        Span<byte> joined = stackalloc byte[Varint.MaxLength];
        if (head.Length < Varint.MaxLength && !rest.IsSingleSegment)
        {
            int take = (int)Math.Min(Varint.MaxLength, rest.Length);
            rest.Slice(0, take).CopyTo(joined);
            head = joined[..take];
        }

        switch (Varint.Read(head, out ulong value, out prefix))
        {
            case VarintStatus.Done when value <= (ulong)_maxFrame:
                length = (int)value;
                return true;
            case VarintStatus.Done:
                Violation = RpcViolation.TooLarge;
                return false;
            case VarintStatus.NeedMoreData:
                return false;
            default:
                Violation = RpcViolation.Malformed;
                return false;
        }
    }

    /// <summary>The RPC as one piece of memory: where it lies, or copied when it lies across buffers.</summary>
    private bool TryLay(in ReadOnlySequence<byte> rpc, out ReadOnlyMemory<byte> frame)
    {
        if (rpc.IsSingleSegment)
        {
            frame = rpc.First;
            return true;
        }

        int length = (int)rpc.Length;
        if (_scratch.Length == 0)
        {
            _scratch = ArrayPool<byte>.Shared.Rent(MaxInPlace);
        }

        if (_scratchUsed + length > _scratch.Length)
        {
            frame = default;
            return false;
        }

        Memory<byte> copy = _scratch.AsMemory(_scratchUsed, length);
        rpc.CopyTo(copy.Span);
        _scratchUsed += length;
        frame = copy;
        return true;
    }

    private bool Scan(ReadOnlyMemory<byte> frame)
    {
        if (_count == _views.Count)
        {
            _views.Add(new RpcView());
        }

        Violation = _scanner.Scan(frame, _views[_count]);
        if (Violation != RpcViolation.None)
        {
            return false;
        }

        _count++;
        _batchBytes += ViewBytes + frame.Length;
        return true;
    }

    /// <summary>Gathers one RPC that is too long to wait for in the stream's window.</summary>
    private async Task ReadLargeAsync(PipeReader input, int whole, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(whole);
        try
        {
            for (int have = 0; have < whole;)
            {
                ReadResult result = await input.ReadAsync(cancellationToken);
                ReadOnlySequence<byte> part = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, whole - have));
                part.CopyTo(buffer.AsSpan(have));
                have += (int)part.Length;
                input.AdvanceTo(part.End);
                if (result.IsCompleted && have < whole)
                {
                    return;
                }
            }

            _count = _batchBytes = 0;
            Varint.Read(buffer, out _, out int prefix);
            if (Scan(buffer.AsMemory(prefix, whole - prefix)))
            {
                await HandOverAsync();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Hands the batch to the router and waits until it is done with it: the views borrow our memory.
    /// </summary>
    private async ValueTask HandOverAsync()
    {
        ControlCount = HandledCount = HandledPayload = NextPayload = 0;
        for (_controlEnd = 0; _controlEnd < _count && !CarriesBoth(_views[_controlEnd]); _controlEnd++)
        {
            ControlCount += _views[_controlEnd].HasPayload ? 0 : 1;
        }

        _driver.Post(this);
        await _handled.WaitAsync();
        for (int i = 0; i < _count; i++)
        {
            _views[i].Clear();
        }
    }

    private static bool CarriesBoth(RpcView rpc) => rpc.HasPayload && rpc.SubscriptionCount + rpc.ControlCount > 0;

    private void ReturnScratch()
    {
        if (_scratch.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_scratch);
            _scratch = [];
        }
    }
}
