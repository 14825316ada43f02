using Pmq.Engine;
using static Pmq.Agent.Configuration.SettingTypes;

namespace Pmq.Agent.Configuration;

/// <content>The keys of what waits for a peer's stream.</content>
internal static partial class AgentSettings
{
    public static readonly Setting<int> OutboundQueueBytes = new()
    {
        Key = "pubsub.outboundQueueBytes",
        Type = Integer(1024, int.MaxValue),
        DefaultWords = "4194304, at least four of pubsub.maxMessageSize",
        Default = c => Math.Max(new PmqPeerOptions().OutboundQueueBytes, c.Get(MaxMessageSize!) * 4),
        Description = "Bytes of our own messages that wait for one peer; at least pubsub.maxMessageSize.",
    };

    public static readonly Setting<int> OutboundRelayBytes = new()
    {
        Key = "pubsub.outboundRelayBytes",
        Type = Integer(1024, int.MaxValue),
        DefaultWords = "pubsub.outboundQueueBytes",
        Default = c => c.Get(OutboundQueueBytes),
        Description = "Bytes of messages that are passed on or were asked for, and wait for one peer; at least "
            + "pubsub.maxMessageSize.",
    };

    public static readonly Setting<TimeSpan> PublishDeadline = new()
    {
        Key = "pubsub.publishDeadline",
        Type = Duration(Millisecond, TimeSpan.FromMinutes(10)),
        Default = _ => new PmqPeerOptions().PublishDeadline,
        Description = "How long one of our own messages waits for one peer before it is dropped for it.",
    };

    public static readonly Setting<TimeSpan> RelayDeadline = new()
    {
        Key = "pubsub.relayDeadline",
        Type = Duration(Millisecond, TimeSpan.FromMinutes(10)),
        Default = _ => new PmqPeerOptions().RelayDeadline,
        Description = "The same of a message that is passed on or was asked for.",
    };
}
