using System.Globalization;
using Pmq.Core.Addresses;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Protection;
using static Pmq.Agent.Configuration.SettingTypes;

namespace Pmq.Agent.Configuration;

/// <summary>Keys of the router that the Go agent does not have.</summary>
internal static class RouterSettings
{
    private const string Overlay = "pubsub.overlay.";
    private const string TopicOverlay = "pubsub.topics[].overlay.";
    private const string Protection = "pubsub.queueProtection.";

    private static readonly OptionGroup<GossipsubOptions> Extra = new OptionGroup<GossipsubOptions>()
        .Add(
            "gossipFactor", Number(0, 1, "from 0 to 1"), o => o.GossipFactor, (o, v) => o with { GossipFactor = v },
            "The part of the peers outside the mesh that is told of messages, when that is more than dlazy "
            + "(gossipsub v1.1).")
        .Add(
            "floodPublish", SettingTypes.Boolean, o => o.FloodPublish, (o, v) => o with { FloodPublish = v },
            "Sends our own publications to every known peer of the topic (gossipsub v1.1).")
        .Add(
            "pruneBackoff", Duration(Second, Hour), o => o.PruneBackoff, (o, v) => o with { PruneBackoff = v },
            "How long a pruned peer may not graft again (gossipsub v1.1).")
        .Add(
            "unsubscribeBackoff", Duration(Second, Hour), o => o.UnsubscribeBackoff,
            (o, v) => o with { UnsubscribeBackoff = v }, "The same after we left the topic (gossipsub v1.1).")
        .Add(
            "opportunisticGraftTicks", Integer(1, 1_000_000), o => o.OpportunisticGraftTicks,
            (o, v) => o with { OpportunisticGraftTicks = v },
            "Heartbeats between two looks whether better peers should join a mesh (gossipsub v1.1).")
        .Add(
            "opportunisticGraftPeers", Integer(0, 1000), o => o.OpportunisticGraftPeers,
            (o, v) => o with { OpportunisticGraftPeers = v }, "Peers that are grafted then (gossipsub v1.1).")
        .Add(
            "peerExchange", SettingTypes.Boolean, o => o.PeerExchange, (o, v) => o with { PeerExchange = v },
            "Names other peers of the topic to a peer that is pruned: for bootstrappers (gossipsub v1.1).")
        .Add(
            "prunePeers", Integer(0, 64), o => o.PrunePeers, (o, v) => o with { PrunePeers = v },
            "Peers named in one PRUNE, and used of one (gossipsub v1.1).")
        .Add(
            "peerExchangePublicOnly", SettingTypes.Boolean, o => o.PeerExchangePublicOnly,
            (o, v) => o with { PeerExchangePublicOnly = v },
            "Dials only public addresses of peers that others named.")
        .Add(
            "iDontWantThreshold", Integer(0, 1 << 30), o => o.IDontWantThreshold,
            (o, v) => o with { IDontWantThreshold = v },
            "Bytes from which on the mesh is told that it need not send a message again (gossipsub v1.2).");

    private static readonly OptionGroup<QueueProtectionOptions> Queue = new OptionGroup<QueueProtectionOptions>()
        .Add(
            "threshold", Number(0, 1e9, "above 0") with { ZeroIsAbsent = true }, o => o.Threshold,
            (o, v) => o with { Threshold = v },
            "Messages of a topic that found its queue full, for each that was validated, from which on it is guarded "
            + "(red.md).")
        .Add(
            "quiet", Duration(TimeSpan.FromTicks(1), TimeSpan.FromDays(1)), o => o.Quiet,
            (o, v) => o with { Quiet = v }, "How long after the last of them it is still guarded (red.md).")
        .Add(
            "duplicateWeight", Number(0, 1e9, "of at least 0"), o => o.DuplicateWeight,
            (o, v) => o with { DuplicateWeight = v }, "What a duplicate weighs against its source (red.md).")
        .Add(
            "ignoreWeight", Number(1, 1e9, "of at least 1"), o => o.IgnoreWeight,
            (o, v) => o with { IgnoreWeight = v }, "What an ignored message weighs (red.md).")
        .Add(
            "rejectWeight", Number(1, 1e9, "of at least 1"), o => o.RejectWeight,
            (o, v) => o with { RejectWeight = v }, "What a rejected message weighs; at least ignoreWeight (red.md).",
            "16, at least ignoreWeight")
        .Add(
            "retainSource", Duration(Second, TimeSpan.FromDays(7)), o => o.RetainSource,
            (o, v) => o with { RetainSource = v }, "How long a source is remembered after its last peer has gone (red.md).")
        .Add(
            "maxSources", Integer(1, 1_000_000), o => o.MaxSources, (o, v) => o with { MaxSources = v },
            "Sources (addresses) that are remembered.");

    private static readonly OptionGroup<MeshParameters> Mesh = new OptionGroup<MeshParameters>()
        .Add(
            "d", Degree, o => o.Degree, (o, v) => o with { Degree = v }, "D of the topic.", "pubsub.overlay.d")
        .Add(
            "dlo", Degree, o => o.Low, (o, v) => o with { DegreeLow = v }, "D_lo of the topic.", "5, at most d")
        .Add(
            "dhi", Degree, o => o.High, (o, v) => o with { DegreeHigh = v }, "D_hi of the topic.", "12, at least 2·d")
        .Add(
            "dscore", Degree, o => o.Score, (o, v) => o with { DegreeScore = v }, "D_score of the topic.",
            "4, at most d")
        .Add(
            "dout", Integer(0, 1000), o => o.Outbound, (o, v) => o with { DegreeOutbound = v }, "D_out of the topic.",
            "2, below dlo, at most (d − 1) / 2")
        .Add(
            "dlazy", Degree, o => o.GossipDegree, (o, v) => o with { GossipDegree = v }, "D_lazy of the topic.",
            "pubsub.overlay.dlazy");

    public static Setting<IReadOnlyList<Multiaddr>> DirectPeers { get; } = new()
    {
        Key = "pubsub.directPeers",
        Type = PeerMultiaddrs,
        Default = _ => Array.Empty<Multiaddr>(),
        Description = "Peers with whom a link is agreed on: connected always, in no mesh, sent every message, never "
            + "scored. Both sides must name the other (gossipsub v1.1).",
    };

    public static Setting<bool> ProtectsQueues { get; } = new()
    {
        Key = Protection + "enabled",
        Type = SettingTypes.Boolean,
        Default = _ => true,
        Description = "While a topic's validation queue overflows, takes messages by what their source has done on it "
            + "(red.md).",
    };

    private static SettingType<int> Degree => Integer(1, 1000);

    private static TimeSpan Second => TimeSpan.FromSeconds(1);

    private static TimeSpan Hour => TimeSpan.FromHours(1);

    /// <summary>Every key, in the order of the reference.</summary>
    public static IEnumerable<Setting> All() =>
    [
        .. Extra.SettingsAt(Overlay, configuration => Extra.Apply(configuration, Overlay, new GossipsubOptions())),
        .. Mesh.SettingsAt(TopicOverlay, _ => new MeshParameters()),
        DirectPeers,
        ProtectsQueues,
        .. Queue.SettingsAt(Protection, Protect),
    ];

    /// <summary>What a reject weighs is not below what an ignore weighs, unless the file says so.</summary>
    private static QueueProtectionOptions Protect(AgentConfiguration configuration)
    {
        QueueProtectionOptions options = Queue.Apply(configuration, Protection, new QueueProtectionOptions());
        return configuration.FindSet(Protection + "rejectWeight") is null
            ? options with { RejectWeight = Math.Max(options.RejectWeight, options.IgnoreWeight) }
            : options;
    }

    /// <summary>The mesh of the element <paramref name="topic"/> of pubsub.topics; null if nothing of it is set.</summary>
    public static MeshParameters? FindMesh(AgentConfiguration configuration, int topic)
    {
        string prefix = TopicOverlay.Replace(
            "[]", string.Create(CultureInfo.InvariantCulture, $"[{topic}]"), StringComparison.Ordinal);

        // Where the topic has a D of its own the rest follows from that one, not from what fits the other.
        bool hasOwn = configuration.FindSet(prefix + "d") is not null;
        int? SetFor(Setting<int> setting) => hasOwn ? null : (int?)configuration.FindSet(setting)?.Value;
        var inherited = new MeshParameters
        {
            Degree = configuration.Get(AgentSettings.MeshDegree),
            DegreeLow = SetFor(AgentSettings.MeshDegreeLow),
            DegreeHigh = SetFor(AgentSettings.MeshDegreeHigh),
            DegreeScore = SetFor(AgentSettings.MeshDegreeScore),
            DegreeOutbound = SetFor(AgentSettings.MeshDegreeOutbound),
            GossipDegree = configuration.Get(AgentSettings.MeshDegreeLazy),
        };
        MeshParameters mesh = Mesh.Apply(configuration, prefix, inherited);
        return mesh == inherited ? null : mesh;
    }

    /// <summary>The router's options with what these keys set.</summary>
    public static GossipsubOptions Apply(AgentConfiguration configuration, GossipsubOptions options) =>
        Extra.Apply(configuration, Overlay, options) with
        {
            DirectPeers =
            [
                .. configuration.Get(DirectPeers).GroupBy(address => address.Peer!)
                    .Select(group => new DirectPeer(group.Key, [.. group])),
            ],
            QueueProtection = configuration.Get(ProtectsQueues)
                ? Protect(configuration)
                : null,
        };
}
