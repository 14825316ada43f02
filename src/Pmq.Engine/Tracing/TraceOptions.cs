using Pmq.Gossipsub.Tracing;

namespace Pmq.Engine.Tracing;

/// <summary>Where the events of the router go. They name topics, peers and message ids, never payloads.</summary>
public sealed record TraceOptions
{
    /// <summary>A file of JSON lines (<c>pubsub.trace.jsonFile</c>); null writes none.</summary>
    public string? JsonFile { get; init; }

    /// <summary>
    /// A file of length-delimited protobuf by the trace schema of go-libp2p-pubsub
    /// (<c>pubsub.trace.protobufFile</c>); null writes none.
    /// </summary>
    public string? ProtobufFile { get; init; }

    /// <summary>Whether events are logged, at debug (<c>pubsub.trace.debug</c>).</summary>
    public bool Log { get; init; }

    /// <summary>Kinds that are not traced (<c>pubsub.trace.skiplist</c>). Default none.</summary>
    public IReadOnlySet<TraceKind> Skip { get; init; } = new HashSet<TraceKind>();

    /// <summary>
    /// The application's own sink; null for none. It is called in the router's turn; what it throws is counted and
    /// otherwise ignored.
    /// </summary>
    public ITraceSink? Sink { get; init; }

    /// <summary>
    /// Bytes of events that wait for each file; once they are there new events are dropped and counted. 64 KiB to
    /// 256 MiB; default 4 MiB (arbitrary).
    /// </summary>
    public int BufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Bytes after which a file is put aside as <c>FILE.1</c>, in place of an older one, and begun anew
    /// (<c>pubsub.trace.maxFileBytes</c>). At least 1 MiB; default 256 MiB (arbitrary).
    /// </summary>
    public long MaxFileBytes { get; init; } = 256 * 1024 * 1024;
}
