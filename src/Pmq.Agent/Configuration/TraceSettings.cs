using Pmq.Engine.Tracing;
using Pmq.Gossipsub.Tracing;
using static Pmq.Agent.Configuration.SettingTypes;

namespace Pmq.Agent.Configuration;

/// <summary>The keys below <c>pubsub.trace</c>.</summary>
internal static class TraceSettings
{
    private const string At = "pubsub.trace.";

    /// <summary>The form of older files.</summary>
    public static Setting<bool> Switch { get; } = new()
    {
        Key = "pubsub.trace",
        Type = SettingTypes.Boolean,
        Description = "true logs the router's events, as pubsub.trace.debug does; older files of the Go agent have it "
            + "in place of the mapping.",
    };

    public static Setting<string> JsonFile { get; } = new()
    {
        Key = At + "jsonFile",
        Type = SettingTypes.File,
        Description = "A file that the router's events are written to, one JSON object a line. One that is there "
            + "already is put aside as FILE.1.",
    };

    public static Setting<string> ProtobufFile { get; } = new()
    {
        Key = At + "protobufFile",
        Type = SettingTypes.File,
        Description = "The same as length-delimited protobuf, by the trace schema of go-libp2p-pubsub.",
    };

    public static Setting<IReadOnlyList<TraceKind>> Skiplist { get; } = new()
    {
        Key = At + "skiplist",
        Type = TraceKinds,
        Default = _ => Array.Empty<TraceKind>(),
        Description = "Events that are not traced, as RECV_RPC and SEND_RPC, which are the many.",
    };

    public static Setting<bool> Debug { get; } = new()
    {
        Key = At + "debug",
        Type = SettingTypes.Boolean,
        Default = _ => false,
        Description = "Logs the events; they are seen when log.level is debug.",
    };

    public static Setting<int> BufferBytes { get; } = new()
    {
        Key = At + "bufferBytes",
        Type = Integer(64 * 1024, 256 * 1024 * 1024),
        Default = _ => new TraceOptions().BufferBytes,
        Description = "Bytes of events that wait for each file; once they are there new events are dropped and counted.",
    };

    public static Setting<int> MaxFileBytes { get; } = new()
    {
        Key = At + "maxFileBytes",
        Type = Integer(1024 * 1024, int.MaxValue),
        Default = _ => (int)new TraceOptions().MaxFileBytes,
        Description = "Bytes after which a file is put aside as FILE.1, in place of an older one, and begun anew.",
    };

    /// <summary>Every key, in the order of the reference.</summary>
    public static IEnumerable<Setting> All() =>
        [Switch, JsonFile, ProtobufFile, Skiplist, Debug, BufferBytes, MaxFileBytes];

    /// <summary>What is traced; null for nothing.</summary>
    public static TraceOptions? Find(AgentConfiguration configuration)
    {
        var options = new TraceOptions
        {
            JsonFile = configuration.GetOrNull(JsonFile),
            ProtobufFile = configuration.GetOrNull(ProtobufFile),
            Log = configuration.SetOr(Switch, false) || configuration.Get(Debug),
            Skip = configuration.Get(Skiplist).ToHashSet(),
            BufferBytes = configuration.Get(BufferBytes),
            MaxFileBytes = configuration.Get(MaxFileBytes),
        };
        return options.Log || options.JsonFile is not null || options.ProtobufFile is not null ? options : null;
    }
}
