using System.Text.RegularExpressions;
using Pmq.Core.Addresses;
using static Pmq.Agent.Configuration.SettingTypes;

namespace Pmq.Agent.Configuration;

/// <summary>Every key of the configuration: those of the Go agent under its names, and ours.</summary>
internal static partial class AgentSettings
{
    private static TimeSpan Millisecond => TimeSpan.FromMilliseconds(1);

    public static readonly Setting<string> PrivateKey = new()
    {
        Key = "privateKey",
        Type = Text,
        IsSecret = true,
        Description = "The identity: a libp2p private key in base64, with or without padding. Without one and without "
            + "keyFile a fresh key is made at each start.",
    };

    public static readonly Setting<string> KeyFile = new()
    {
        Key = "keyFile",
        Type = SettingTypes.File,
        Flag = "--key",
        Description = "A file that holds the identity as privateKey would; pmq keygen writes it.",
    };

    public static readonly Setting<IReadOnlyList<Multiaddr>> ListenAddrs = new()
    {
        Key = "listenAddrs",
        Type = Multiaddrs,
        Flag = "--listen",
        Default = _ => (IReadOnlyList<Multiaddr>)[Multiaddr.Parse("/ip4/0.0.0.0/tcp/0")],
        DefaultWords = "[/ip4/0.0.0.0/tcp/0]",
        Description = "Where peers can connect. TCP port 0 picks a free one.",
    };

    public static readonly Setting<IReadOnlyList<Multiaddr>> Peers = new()
    {
        Key = "peers",
        Type = PeerMultiaddrs,
        Flag = "--peer",
        Default = _ => Array.Empty<Multiaddr>(),
        Description = "Peers to stay connected to: dialed at start, and again whenever they are gone.",
    };

    public static readonly Setting<IReadOnlyList<string>> Joined = new()
    {
        Key = "topics",
        Type = Topics,
        Flag = "--topic",
        Default = _ => Array.Empty<string>(),
        Description = "Topics joined at start; Subscribe joins others, and pubsub.topics only describes topics.",
    };

    public static readonly Setting<string> Psk = new()
    {
        Key = "psk",
        Type = Anything,
        IsSecret = true,
        Effect = SettingEffect.Refused,
        Description = "The key of a private network. This version refuses it: without it the network would be open.",
    };

    public static readonly Setting<TimeSpan> DialTimeout = new()
    {
        Key = "dialTimeout",
        Type = Duration(Millisecond * 10, TimeSpan.FromMinutes(10)),
        Default = _ => TimeSpan.FromSeconds(15),
        Description = "How long a dial with its handshake may take (default as in the Go agent).",
    };

    public static readonly Setting<bool> DisablePing = new()
    {
        Key = "disablePing",
        Type = SettingTypes.Boolean,
        Default = _ => false,
        Description = "Does not serve the ping protocol.",
    };

    public static readonly Setting<string> UserAgent = new()
    {
        Key = "userAgent",
        Type = Text,
        Description = "What peers are told about this agent, after p2pmq/.",
    };

    public static readonly Setting<bool> NatPortMap = new()
    {
        Key = "natPortMap",
        Type = SettingTypes.Boolean,
        Default = _ => false,
        Effect = SettingEffect.None,
        Description = "Asks the router to forward a port.",
    };

    public static readonly Setting<bool> AutoNat = new()
    {
        Key = "autoNat",
        Type = SettingTypes.Boolean,
        Default = _ => false,
        Effect = SettingEffect.None,
        Description = "Tells other peers whether they can be reached.",
    };

    public static readonly Setting<int> LowWater = new()
    {
        Key = "connManager.lowWaterMark",
        Type = Integer(1, 100_000),
        Effect = SettingEffect.None,
        Default = c => Math.Min(5, c.SetOr(HighWater!, 5)),
        DefaultWords = "5, at most highWaterMark",
        Description = "Connections that are left when their number is brought down (default as in the Go agent).",
    };

    public static readonly Setting<int> HighWater = new()
    {
        Key = "connManager.highWaterMark",
        Type = Integer(1, 100_000),
        Effect = SettingEffect.None,
        Default = c => Math.Max(25, c.SetOr(LowWater, 25)),
        DefaultWords = "25, at least lowWaterMark",
        Description = "Connections above which their number is brought down (default as in the Go agent).",
    };

    public static readonly Setting<TimeSpan> GracePeriod = new()
    {
        Key = "connManager.gracePeriod",
        Type = Duration(Millisecond, TimeSpan.FromHours(24)),
        Default = _ => TimeSpan.FromMinutes(1),
        Effect = SettingEffect.None,
        Description = "Age below which a connection is not closed for their number (default as in the Go agent).",
    };

    public static readonly Setting<string> DiscoveryMode = new()
    {
        Key = "discovery.mode",
        Type = OneOf("boot", "bootstrapper", "server", "client"),
        Default = _ => "server",
        Effect = SettingEffect.None,
        Description = "The part this agent takes in the Kademlia table.",
    };

    public static readonly Setting<IReadOnlyList<Multiaddr>> Bootstrappers = new()
    {
        Key = "discovery.bootstrappers",
        Type = PeerMultiaddrs,
        Flag = "--bootstrap",
        Default = _ => Array.Empty<Multiaddr>(),
        Description = "Peers by whom others are found. This version stays connected to them, as to peers.",
    };

    public static readonly Setting<string> ProtocolPrefix = new()
    {
        Key = "discovery.protocolPrefix",
        Type = Text,
        Default = _ => "p2pmq",
        Effect = SettingEffect.None,
        Description = "The prefix of the Kademlia protocol, as given (default as in the Go agent).",
    };

    public static readonly Setting<string> ServiceTag = new()
    {
        Key = "discovery.serviceTag",
        Type = Text,
        Effect = SettingEffect.None,
        Description = "Stands in the Go agent's files and has no effect there either.",
    };

    public static readonly Setting<string> MdnsTag = new()
    {
        Key = "mdnsTag",
        Type = Text,
        Effect = SettingEffect.None,
        Description = "The service name under which peers of the local network are found.",
    };

    public static readonly Setting<int> RouterQueueSize = new()
    {
        Key = "msgRouterQueueSize",
        Type = Integer(1, 1_000_000),
        Default = _ => 1024,
        Description = "Messages that wait for one slow listener before its oldest is dropped and counted "
            + "(default as in the Go agent).",
    };

    public static readonly Setting<int> RouterWorkers = new()
    {
        Key = "msgRouterWorkers",
        Type = Integer(1, 100_000),
        Effect = SettingEffect.None,
        Description = "Workers of the Go agent's router. Here each listener has a loop of its own.",
    };

    public static readonly Setting<bool> PprofEnabled = new()
    {
        Key = "pprof.enabled",
        Type = SettingTypes.Boolean,
        Default = _ => false,
        Effect = SettingEffect.None,
        Description = "Serves Go's profiler; there is none here: dotnet-trace attaches to the running process.",
    };

    public static readonly Setting<int> PprofPort = new()
    {
        Key = "pprof.port",
        Type = Integer(1, 65_535),
        Effect = SettingEffect.None,
        Description = "The port of Go's profiler.",
    };

    public static readonly Setting<BindAddress> GrpcListen = new()
    {
        Key = "grpc.listen",
        Type = Bind(allowUnix: true, allowOff: false),
        Flag = "--grpc",
        Variable = "GRPC_PORT",
        Default = _ => BindAddress.Loopback(8001),
        Description = "Where nodes connect. GRPC_PORT is a port of 127.0.0.1; a unix socket gets mode 0600; any other "
            + "address needs grpc.tokenFile, or grpc.tlsCert with grpc.tlsCA, or grpc.insecure.",
    };

    public static readonly Setting<string> GrpcTokenFile = new()
    {
        Key = "grpc.tokenFile",
        Type = SettingTypes.File,
        Flag = "--grpc-token",
        Description = "A file that holds the token which callers must send as authorization: Bearer.",
    };

    public static readonly Setting<string> GrpcTlsCert = new()
    {
        Key = "grpc.tlsCert",
        Type = SettingTypes.File,
        Flag = "--grpc-tls-cert",
        Description = "The certificate of the gRPC server, PEM.",
    };

    public static readonly Setting<string> GrpcTlsKey = new()
    {
        Key = "grpc.tlsKey",
        Type = SettingTypes.File,
        Flag = "--grpc-tls-key",
        Description = "The private key of grpc.tlsCert, PEM.",
    };

    public static readonly Setting<string> GrpcTlsCa = new()
    {
        Key = "grpc.tlsCA",
        Type = SettingTypes.File,
        Flag = "--grpc-tls-ca",
        Description = "The authority that signs the callers' certificates, PEM: with it callers must show one.",
    };

    public static readonly Setting<bool> GrpcInsecure = new()
    {
        Key = "grpc.insecure",
        Type = SettingTypes.Boolean,
        Flag = "--grpc-insecure",
        Default = _ => false,
        Description = "Lets anyone who reaches grpc.listen publish, listen and judge. Warned about at start.",
    };

    public static readonly Setting<BindAddress> HttpListen = new()
    {
        Key = "http.listen",
        Type = Bind(allowUnix: false, allowOff: true),
        Flag = "--http",
        Default = _ => BindAddress.Loopback(8002),
        Description = "Where /healthz, /readyz and /metrics are served.",
    };

    public static readonly Setting<string> LogLevel = new()
    {
        Key = "log.level",
        Type = OneOf(StringComparer.OrdinalIgnoreCase, LogLevels),
        Flag = "--loglevel",
        Variable = "P2PMQ_LOGLEVEL",
        Default = _ => "info",
        Description = "What the agent logs to standard error, by the Go agent's names.",
    };

    public static readonly Setting<string> Libp2pLogLevel = new()
    {
        Key = "log.libp2pLevel",
        Type = OneOf(StringComparer.OrdinalIgnoreCase, LogLevels),
        Flag = "--libp2p-loglevel",
        Variable = "LIBP2P_LOGLEVEL",
        Default = _ => "info",
        Description = "What the host beneath it logs.",
    };

    private static string[] LogLevels => ["debug", "info", "warn", "error", "dpanic", "panic", "fatal"];
}
