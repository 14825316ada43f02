using System.Diagnostics.CodeAnalysis;
using System.Net;
using Pmq.Core.Addresses;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Libp2p.Multistream;
using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Swarm;

/// <summary>
/// A connection of the swarm: it negotiates the protocol of every stream, hands inbound ones to their handlers, and
/// leaves the swarm's table when the muxer has ended. Owns the muxer and the tasks of its handlers.
/// </summary>
[SuppressMessage(
    "Design",
    "CA1001:Types that own disposable fields should be disposable",
    Justification = "The source has no timer, and its token is read by whoever still holds the connection after its end.")]
internal sealed class SwarmConnection : IConnection
{
    /// <summary>How long a peer may take to close a superseded connection (arbitrary, may be raised).</summary>
    private static readonly TimeSpan SupersededGrace = TimeSpan.FromSeconds(5);

    private readonly SwarmState _swarm;
    private readonly YamuxConnection _yamux;
    private readonly MultistreamLimits _multistream;
    private readonly OwnedTasks _tasks = new();
    private readonly CancellationTokenSource _serving = new();
    private int _inboundStreams;
    private Task _removed = Task.CompletedTask;
    private long _toldVersion = -1;

    /// <summary>Takes over a fresh muxer.</summary>
    public SwarmConnection(
        SwarmState swarm,
        YamuxConnection yamux,
        ConnectionDirection direction,
        Multiaddr localAddress,
        Multiaddr remoteAddress)
    {
        _swarm = swarm;
        _yamux = yamux;
        _multistream = new MultistreamLimits { Timeout = swarm.Options.StreamNegotiationTimeout };
        Id = swarm.NextConnectionId();
        Direction = direction;
        LocalAddress = localAddress;
        RemoteAddress = remoteAddress;
        EstablishedAt = swarm.Options.TimeProvider.GetUtcNow();
        yamux.Owner = this;
    }

    /// <inheritdoc />
    public long Id { get; }

    /// <inheritdoc />
    public PeerId RemotePeer => _yamux.RemotePeer;

    /// <inheritdoc />
    public PublicKey RemotePublicKey => _yamux.RemotePublicKey;

    /// <inheritdoc />
    public Multiaddr RemoteAddress { get; }

    /// <inheritdoc />
    public Multiaddr LocalAddress { get; }

    /// <inheritdoc />
    public ConnectionDirection Direction { get; }

    /// <inheritdoc />
    public DateTimeOffset EstablishedAt { get; }

    /// <inheritdoc />
    public TimeSpan? RoundTripTime => _yamux.RoundTripTime;

    /// <inheritdoc />
    public int StreamCount => _yamux.StreamCount;

    /// <inheritdoc />
    public CancellationToken Closed => _yamux.Closed;

    /// <inheritdoc />
    public CloseReason? CloseReason => _yamux.CloseReason;

    /// <summary>Whose slot among the inbound connections it holds; null for peers that are not counted by address.</summary>
    public IPAddress? InboundAddress { get; init; }

    /// <summary>The last signed record of the peer; null before one came. Written by identify.</summary>
    public PeerRecord? Record { get; set; }

    /// <summary>Which version of what we say of ourselves the peer was told last; −1 for none. Written by identify.</summary>
    public long ToldVersion
    {
        get => Interlocked.Read(ref _toldVersion);
        set => Interlocked.Exchange(ref _toldVersion, value);
    }

    /// <summary>Completes once the connection has left the swarm.</summary>
    public Task Removed => _removed;

    /// <summary>Handlers and other tasks of this connection that have not ended.</summary>
    public int TaskCount => _tasks.Count;

    /// <summary>Starts the muxer and the loop that accepts streams. Called once.</summary>
    public void Start()
    {
        _yamux.Start();
        _removed = Task.Run(RunAsync);
    }

    /// <summary>Runs a task that belongs to the connection: told to end with it, awaited at its end.</summary>
    public void RunOwned(Func<CancellationToken, Task> body) => _tasks.Run(() => body(_serving.Token));

    /// <inheritdoc />
    public async ValueTask<IStream> OpenStreamAsync(
        IReadOnlyList<string> protocols, CancellationToken cancellationToken)
    {
        (IStream? stream, StreamException? fault) = await TryOpenStreamAsync(protocols, cancellationToken);
        return stream ?? throw fault!;
    }

    /// <summary>As <see cref="OpenStreamAsync"/>, with the fault as a value: connections end all the time.</summary>
    public async ValueTask<(IStream? Stream, StreamException? Fault)> TryOpenStreamAsync(
        IReadOnlyList<string> protocols, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(protocols.Count);
        if (_yamux.CloseReason is { } reason)
        {
            return (null, new StreamException(StreamFault.ConnectionClosed, $"The connection has ended: {reason}."));
        }

        YamuxStream stream;
        try
        {
            stream = await _yamux.OpenStreamAsync(cancellationToken);
        }
        catch (StreamException refused)
        {
            return (null, refused);
        }

        IReadOnlyList<string>? served = _swarm.Describe(RemotePeer)?.Protocols;
        foreach (string protocol in protocols)
        {
            if (served is not null && served.Contains(protocol))
            {
                return (new OptimisticStream(stream, protocol, _multistream, _swarm.Options.TimeProvider), null);
            }
        }

        try
        {
            StreamException? fault = await NegotiateAsync(stream, protocols, cancellationToken);
            return fault is null ? (stream, null) : (null, fault);
        }
        finally
        {
            if (stream.Protocol.Length == 0)
            {
                stream.Reset();
                await stream.DisposeAsync();
            }
        }
    }

    /// <inheritdoc />
    public ValueTask CloseAsync(CloseReason reason) => _yamux.CloseAsync(reason);

    /// <summary>
    /// Sees to the end of a connection that another one has replaced, without waiting for it. The peer that accepted the
    /// other one closes this one: it has both by then, while the dialer of the other one has it first, and by closing
    /// this one at once would leave the peer with none for a moment.
    /// </summary>
    public void Supersede() => _tasks.Run(async () =>
    {
        if (Direction == ConnectionDirection.Inbound)
        {
            await WaitAsync(SupersededGrace);
        }

        await _yamux.CloseAsync(new CloseReason(CloseKind.Duplicate));
    });

    /// <summary>Tells the handlers to end. A callback of theirs that throws is logged.</summary>
    public async Task StopServingAsync()
    {
        try
        {
            await _serving.CancelAsync();
        }
        catch (AggregateException error)
        {
            Log.CallbackFaulted(_swarm.Logger, RemotePeer, error);
        }
    }

    /// <summary>Completes when every task of the connection has ended.</summary>
    public Task WhenServedAsync() => _tasks.WhenEmptyAsync();

    /// <summary>Completes when the muxer and every task of the connection have ended.</summary>
    public async Task WhenEndedAsync()
    {
        await _removed;
        await _tasks.WhenEmptyAsync();
    }

    /// <summary>Waits, at most to the end of the connection or the host.</summary>
    private async ValueTask WaitAsync(TimeSpan time)
    {
        try
        {
            await Task.Delay(time, _swarm.Options.TimeProvider, _serving.Token);
        }
        catch (OperationCanceledException)
        {
            // There is nothing left to wait for.
        }
    }

    /// <summary>Agrees on the protocol of an outbound stream; null, and the stream knows it, if that worked.</summary>
    private async ValueTask<StreamException?> NegotiateAsync(
        YamuxStream stream, IReadOnlyList<string> protocols, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_multistream.Timeout, _swarm.Options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        MultistreamResult result;
        try
        {
            result = await MultistreamStream.RunAsync(
                stream, new DialerNegotiation(protocols, _multistream), either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new StreamException(
                StreamFault.NegotiationFailed, $"{RemotePeer} did not answer a proposal in {_multistream.Timeout}.");
        }

        stream.Protocol = result.Protocol ?? "";
        return result.Broken ?? result.State switch
        {
            NegotiationState.Selected => null,
            NegotiationState.NotSupported => new StreamException(
                StreamFault.ProtocolNotSupported, $"{RemotePeer} serves none of {string.Join(", ", protocols)}."),
            _ => new StreamException(
                StreamFault.NegotiationFailed, $"{RemotePeer} broke multistream-select: {result.Violation}."),
        };
    }

    private async Task RunAsync()
    {
        try
        {
            // A handler finds that the observers know of the connection, and of the end of the peer's earlier ones.
            await _swarm.Observers.WhenToldAsync();
            while (await _yamux.AcceptStreamAsync(CancellationToken.None) is { } stream)
            {
                if (_swarm.TryEnterStream(Volatile.Read(ref _inboundStreams)))
                {
                    Interlocked.Increment(ref _inboundStreams);
                    _tasks.Run(() => ServeAsync(stream));
                }
                else
                {
                    await stream.DisposeAsync();
                    Count(StreamOutcome.TooManyStreams, "of all peers together");
                }
            }
        }
        finally
        {
            await _yamux.Completion;
            _swarm.Remove(this, _yamux.CloseReason ?? new CloseReason(CloseKind.TransportFailed));
            await StopServingAsync();
        }
    }

    private async Task ServeAsync(YamuxStream stream)
    {
        StreamOutcome outcome;
        string detail = "";
        await using (stream)
        {
            try
            {
                (outcome, detail) = await ServeNegotiatedAsync(stream);
            }
            catch (StreamException error)
            {
                (outcome, detail) = (StreamOutcome.PeerEnded, error.Message);
            }
            catch (OperationCanceledException) when (_serving.IsCancellationRequested)
            {
                outcome = StreamOutcome.Cancelled;
            }
            catch (Exception error)
            {
                outcome = StreamOutcome.HandlerFaulted;
                Log.HandlerFaulted(_swarm.Logger, stream.Protocol, RemotePeer, error);
            }

            if (outcome != StreamOutcome.Served)
            {
                stream.Reset();
            }
        }

        Interlocked.Decrement(ref _inboundStreams);
        _swarm.LeaveStream();
        Count(outcome, detail);
    }

    private void Count(StreamOutcome outcome, string detail)
    {
        _swarm.Metrics.Stream(outcome);
        if (outcome is not (StreamOutcome.Served or StreamOutcome.HandlerFaulted))
        {
            Log.StreamRefused(_swarm.Logger, RemotePeer, outcome, detail);
        }
    }

    private async ValueTask<(StreamOutcome Outcome, string Detail)> ServeNegotiatedAsync(YamuxStream stream)
    {
        MultistreamResult result;
        using (var timeout = new CancellationTokenSource(_multistream.Timeout, _swarm.Options.TimeProvider))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(_serving.Token, timeout.Token))
        {
            try
            {
                result = await MultistreamStream.RunAsync(
                    stream, new ListenerNegotiation(_swarm.Protocols.Serves, _multistream), either.Token);
            }
            catch (OperationCanceledException) when (!_serving.IsCancellationRequested)
            {
                return (StreamOutcome.NegotiationTimeout, "");
            }
        }

        if (result.Broken is { } broken)
        {
            return (StreamOutcome.PeerEnded, broken.Message);
        }

        if (result.State != NegotiationState.Selected)
        {
            return (StreamOutcome.NegotiationViolated, result.Violation.ToString());
        }

        string protocol = result.Protocol!;
        stream.Protocol = protocol;
        StreamHandler? handler = _swarm.Protocols.TryEnter(protocol, RemotePeer, out bool known);
        if (handler is null)
        {
            return (known ? StreamOutcome.TooManyStreams : StreamOutcome.NotServed, protocol);
        }

        try
        {
            await handler(stream, _serving.Token);
            return (StreamOutcome.Served, protocol);
        }
        finally
        {
            _swarm.Protocols.Leave(protocol, RemotePeer);
        }
    }
}
