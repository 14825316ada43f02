using Microsoft.Extensions.Logging;
using Pmq.Core.Identity;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Engine.Tracing;

/// <summary>Spreads a peer's events over the places that its options name.</summary>
internal sealed class PeerTrace : ITraceSink, IAsyncDisposable
{
    private readonly TraceOptions _options;
    private readonly ILogger _logger;
    private readonly TraceFile? _json;
    private readonly TraceFile? _protobuf;
    private readonly bool[] _skips = new bool[256];
    private long _sinkFaults;

    private PeerTrace(TraceOptions options, TraceFile? json, TraceFile? protobuf, ILogger logger)
    {
        _options = options;
        _json = json;
        _protobuf = protobuf;
        _logger = logger;
        foreach (TraceKind kind in options.Skip)
        {
            _skips[(int)kind & 255] = true;
        }
    }

    /// <summary>The files, by the name of their format.</summary>
    public IEnumerable<(string Format, TraceFile File)> Files
    {
        get
        {
            if (_json is not null)
            {
                yield return ("json", _json);
            }

            if (_protobuf is not null)
            {
                yield return ("protobuf", _protobuf);
            }
        }
    }

    /// <summary>Events at which the application's sink threw.</summary>
    public long SinkFaults => Volatile.Read(ref _sinkFaults);

    /// <summary>Opens the files; null when the options name no place.</summary>
    /// <exception cref="PmqOptionsException">A file cannot be written.</exception>
    public static PeerTrace? Open(TraceOptions? options, PeerId localPeer, TimeProvider time, ILogger logger)
    {
        if (options is null
            || (options.JsonFile is null && options.ProtobufFile is null && options.Sink is null && !options.Log))
        {
            return null;
        }

        TraceFile? json = options.JsonFile is { } path
            ? TraceFile.Open(path, "pubsub.trace.jsonFile", new JsonTraceFormat(), options, time, logger)
            : null;
        TraceFile? protobuf = options.ProtobufFile is { } other
            ? TraceFile.Open(
                other, "pubsub.trace.protobufFile", new ProtobufTraceFormat(localPeer), options, time, logger)
            : null;
        return new PeerTrace(options, json, protobuf, logger);
    }

    /// <inheritdoc />
    public void Trace(in TraceEvent traced)
    {
        if (_skips[(int)traced.Kind & 255])
        {
            return;
        }

        _json?.Trace(traced);
        _protobuf?.Trace(traced);
        if (_options.Log && _logger.IsEnabled(LogLevel.Debug))
        {
            Log.Traced(
                _logger, TraceText.NameOf(traced.Kind), traced.Peer, traced.Topic, traced.MessageId, TextOf(traced));
        }

        if (_options.Sink is { } sink)
        {
            TraceGuarded(sink, traced);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach ((_, TraceFile file) in Files)
        {
            await file.DisposeAsync();
        }
    }

    private void TraceGuarded(ITraceSink sink, in TraceEvent traced)
    {
        try
        {
            sink.Trace(traced);
        }
        catch (Exception)
        {
            // The sink's loss: the router is in the middle of its turn.
            Interlocked.Increment(ref _sinkFaults);
        }
    }

    private static string TextOf(in TraceEvent traced) => traced.Kind switch
    {
        TraceKind.Reject => TraceText.ReasonOf(traced),
        TraceKind.Penalty => traced.Misbehaviour.ToString(),
        TraceKind.ScoreBand => TraceText.NameOf(traced.Band),
        _ => "",
    };
}
