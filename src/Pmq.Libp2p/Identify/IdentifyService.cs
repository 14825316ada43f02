using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Libp2p.Swarm;

namespace Pmq.Libp2p.Identify;

/// <summary>
/// Asks every new connection who it is, answers the same question, and tells the connected peers when what we serve has
/// changed. Owns the loop of pushes; exchanges are tasks of their connections.
/// </summary>
internal sealed class IdentifyService : IAsyncDisposable
{
    /// <summary>The exchange.</summary>
    public const string Protocol = "/ipfs/id/1.0.0";

    /// <summary>The unasked update.</summary>
    public const string PushProtocol = "/ipfs/id/push/1.0.0";

    private const string ProtocolVersion = "ipfs/0.1.0";

    /// <summary>Pushes under way at once; go has 32.</summary>
    private const int MaxPushes = 32;

    /// <summary>Identify streams of one peer at once, in each of the two protocols; go has 16.</summary>
    private const int MaxStreamsPerPeer = 16;

    private static readonly string[] Identify = [Protocol];
    private static readonly string[] Push = [PushProtocol];

    private readonly SwarmState _swarm;
    private readonly Libp2pHostOptions _options;
    private readonly Func<IReadOnlyList<Multiaddr>> _addresses;
    private readonly IdentifyLimits _limits;
    private readonly string _agentVersion;
    private readonly CancellationTokenSource _stopping = new();

    // One token stands for any number of changes.
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly Lock _gate = new();
    private (long Version, byte[] Everything, byte[] Public) _records = (-1, [], []);
    private long _version;
    private Task _loop = Task.CompletedTask;

    /// <summary>Serves both protocols on <paramref name="swarm"/>.</summary>
    public IdentifyService(SwarmState swarm, IdentifyLimits limits, Func<IReadOnlyList<Multiaddr>> addresses)
    {
        _swarm = swarm;
        _options = swarm.Options;
        _limits = limits;
        _addresses = addresses;
        _agentVersion = _options.UserAgent.Length == 0 ? "p2pmq" : $"p2pmq/{_options.UserAgent}";
        swarm.Protocols.Add(Protocol, AnswerAsync, MaxStreamsPerPeer);
        swarm.Protocols.Add(PushProtocol, TakePushAsync, MaxStreamsPerPeer);
    }

    /// <summary>Starts the loop of pushes.</summary>
    public void Start() => _loop = Task.Run(PushChangesAsync);

    /// <summary>Our protocols or addresses have changed.</summary>
    public void Changed()
    {
        Interlocked.Increment(ref _version);
        _changed.Writer.TryWrite(true);
    }

    /// <summary>Asks a new connection who it is.</summary>
    public void Ask(SwarmConnection connection) => connection.RunOwned(ct => AskAsync(connection, ct));

    /// <summary>Ends the loop of pushes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _changed.Writer.TryComplete();
        await _loop;
        _stopping.Dispose();
    }

    private async Task AskAsync(SwarmConnection connection, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.IdentifyTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        string outcome;
        try
        {
            (IStream? stream, StreamException? fault) = await connection.TryOpenStreamAsync(Identify, either.Token);
            if (stream is null)
            {
                Count(connection, fault!.Reason.ToString());
                return;
            }

            await using (stream)
            {
                await stream.CloseWriteAsync(either.Token);
                outcome = (await TakeAsync(connection, stream, either.Token)).ToString();
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            outcome = cancellationToken.IsCancellationRequested ? "Cancelled" : "Timeout";
        }
        catch (StreamException error)
        {
            outcome = error.Reason.ToString();
        }
        catch (Exception error)
        {
            Log.IdentifyFaulted(_swarm.Logger, connection.RemotePeer, error);
            outcome = "LocalFault";
        }

        Count(connection, outcome);
    }

    private async Task TakePushAsync(IStream stream, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.IdentifyTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var connection = (SwarmConnection)stream.Connection;
        try
        {
            IdentifyViolation violation = await TakeAsync(connection, stream, either.Token);
            await stream.CloseWriteAsync(either.Token);
            Count(connection, violation.ToString());
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            Count(connection, "Timeout");
        }
    }

    /// <summary>Reads to the end what the peer says of itself, and takes it for true within the limits.</summary>
    private async ValueTask<IdentifyViolation> TakeAsync(
        SwarmConnection connection, IStream stream, CancellationToken cancellationToken)
    {
        var exchange = new IdentifyExchange(connection.RemotePublicKey, _limits);
        await ReadAsync(stream.Input, exchange, cancellationToken);
        if (exchange.Violation != IdentifyViolation.None)
        {
            return exchange.Violation;
        }

        // Its signature is verified outside the lock; whether it is the newest is asked again inside.
        PeerRecord? record = exchange.OpenRecord(connection.RemotePeer, connection.Record);
        _swarm.Identified(connection.RemotePeer, before =>
        {
            PeerRecord? newest = record?.Sequence >= (connection.Record?.Sequence ?? 0) ? record : null;
            connection.Record = newest ?? connection.Record;
            return exchange.Describe(before, newest);
        });

        PushIfOutdated(connection);
        return IdentifyViolation.None;
    }

    private static async ValueTask ReadAsync(
        PipeReader input, IdentifyExchange exchange, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync(cancellationToken);
            int consumed = Handle(exchange, read.Buffer);
            int pending = (int)Math.Min(read.Buffer.Length - consumed, int.MaxValue);
            input.AdvanceTo(read.Buffer.GetPosition(consumed), read.Buffer.End);
            if (read.IsCompleted)
            {
                exchange.HandleEnd(pending);
                return;
            }

            if (exchange.Violation != IdentifyViolation.None)
            {
                return;
            }
        }
    }

    private static int Handle(IdentifyExchange exchange, ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsSingleSegment)
        {
            return exchange.Handle(buffer.FirstSpan);
        }

        // One message at a time: what is gathered is bounded by its limit.
        int total = 0;
        while (true)
        {
            int length = (int)Math.Min(buffer.Length - total, exchange.BufferBytes);
            byte[] gathered = ArrayPool<byte>.Shared.Rent(length);
            buffer.Slice(total, length).CopyTo(gathered);
            int consumed = exchange.Handle(gathered.AsSpan(0, length));
            ArrayPool<byte>.Shared.Return(gathered);
            total += consumed;
            if (consumed == 0 || total == buffer.Length)
            {
                return total;
            }
        }
    }

    private async Task AnswerAsync(IStream stream, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.IdentifyTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var connection = (SwarmConnection)stream.Connection;
        try
        {
            await TellAsync(connection, stream, either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            Count(connection, "AnswerTimeout");
        }
    }

    private static async ValueTask<ReadResult> SkipAsync(PipeReader input, CancellationToken cancellationToken)
    {
        ReadResult read = await input.ReadAsync(cancellationToken);
        input.AdvanceTo(read.Buffer.End);
        return read;
    }

    private async ValueTask TellAsync(SwarmConnection connection, IStream stream, CancellationToken cancellationToken)
    {
        long version = Interlocked.Read(ref _version);
        connection.ToldVersion = version;
        await stream.WriteAsync(ContentFor(connection, version).Encode(_limits), cancellationToken);
        await stream.CloseWriteAsync(cancellationToken);
        PushIfOutdated(connection);
    }

    /// <summary>What changed between an answer and the moment when the peer can be pushed to would be told by nobody else.</summary>
    private void PushIfOutdated(SwarmConnection connection)
    {
        if (IsOutdated(connection))
        {
            _changed.Writer.TryWrite(true);
        }
    }

    /// <summary>A peer that was told nothing yet will ask.</summary>
    private bool IsOutdated(SwarmConnection connection) =>
        connection.ToldVersion >= 0 && connection.ToldVersion != Interlocked.Read(ref _version);

    private IdentifyContent ContentFor(SwarmConnection connection, long version)
    {
        // Loopback addresses lead a peer on another machine to itself.
        bool everything = IsHere(connection.RemoteAddress);
        IReadOnlyList<Multiaddr> addresses = AddressesFor(everything);
        return new IdentifyContent(
            _options.Identity.PublicKey.Protobuf.ToArray(),
            ProtocolVersion,
            _agentVersion,
            _swarm.Protocols.Protocols,
            addresses,
            connection.RemoteAddress,
            RecordFor(everything, version));
    }

    private IReadOnlyList<Multiaddr> AddressesFor(bool everything) =>
        [.. _addresses().Select(static own => own.WithoutPeer()).Where(own => everything || !IsHere(own))
            .Take(_limits.MaxAddresses)];

    /// <summary>The signed records, made once for each change.</summary>
    private byte[] RecordFor(bool everything, long version)
    {
        lock (_gate)
        {
            if (_records.Version != version)
            {
                ulong sequence = (ulong)_options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
                _records = (version, Seal(sequence, everything: true), Seal(sequence, everything: false));
            }

            return everything ? _records.Everything : _records.Public;
        }
    }

    private byte[] Seal(ulong sequence, bool everything) =>
        new PeerRecord(_swarm.LocalPeer, sequence, AddressesFor(everything)).Seal(_options.Identity).Encoded.ToArray();

    private static bool IsHere(Multiaddr address) =>
        !address.TryGetEndPoint(out IPEndPoint? endPoint) || IPAddress.IsLoopback(endPoint!.Address);

    private async Task PushChangesAsync()
    {
        var degree = new ParallelOptions { MaxDegreeOfParallelism = MaxPushes };
        while (await _changed.Reader.WaitToReadAsync())
        {
            _changed.Reader.TryRead(out _);
            await Parallel.ForEachAsync(
                _swarm.Connections(), degree, async (connection, _) => await PushAsync(connection));
        }
    }

    private async ValueTask PushAsync(SwarmConnection connection)
    {
        if (!IsOutdated(connection)
            || _swarm.Describe(connection.RemotePeer)?.Protocols.Contains(PushProtocol) != true)
        {
            return;
        }

        using var timeout = new CancellationTokenSource(_options.IdentifyTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, timeout.Token);
        string outcome = "Pushed";
        try
        {
            await using IStream stream = await connection.OpenStreamAsync(Push, either.Token);
            await TellAsync(connection, stream, either.Token);
            while (!(await SkipAsync(stream.Input, either.Token)).IsCompleted)
            {
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            outcome = "PushTimeout";
        }
        catch (StreamException error)
        {
            outcome = $"Push{error.Reason}";
        }
        catch (Exception error)
        {
            // One exchange that fails must not end the loop that pushes to all.
            Log.IdentifyFaulted(_swarm.Logger, connection.RemotePeer, error);
            outcome = "PushLocalFault";
        }

        Count(connection, outcome);
    }

    private void Count(SwarmConnection connection, string outcome)
    {
        _swarm.Metrics.Identify(outcome == nameof(IdentifyViolation.None) ? "Identified" : outcome);
        if (outcome is not (nameof(IdentifyViolation.None) or "Pushed"))
        {
            Log.IdentifyFailed(_swarm.Logger, connection.RemotePeer, outcome);
        }
    }
}
