using System.Text.RegularExpressions;

namespace Pmq.Agent.Configuration;

/// <summary>
/// Relations between settings. Only what the user set is held against the user: what is unset follows, so that its
/// default never contradicts.
/// </summary>
internal static class ConfigurationRules
{
    private const string Thresholds = "pubsub.scoring.thresholds.";

    /// <summary>Checks every relation.</summary>
    /// <exception cref="ConfigurationException">One is broken; the message names both keys and values.</exception>
    public static void Check(AgentConfiguration configuration)
    {
        foreach (SettingValue value in configuration.Set)
        {
            if (value.Setting.Effect == SettingEffect.Refused)
            {
                throw new ConfigurationException(
                    $"{value.Label}: not supported by this version; remove the key to run without it");
            }
        }

        AtMost(configuration, AgentSettings.MeshDegreeLow, AgentSettings.MeshDegree);
        AtMost(configuration, AgentSettings.MeshDegree, AgentSettings.MeshDegreeHigh);
        AtMost(configuration, AgentSettings.MeshDegreeLow, AgentSettings.MeshDegreeHigh);
        AtMost(configuration, AgentSettings.MeshDegreeScore, AgentSettings.MeshDegreeHigh);
        Outbound(configuration);
        AtMost(configuration, AgentSettings.McacheGossip, AgentSettings.McacheLength);
        AtMost(configuration, AgentSettings.LowWater, AgentSettings.HighWater);
        AtMost<double>(configuration, Thresholds + "publish", Thresholds + "gossip");
        AtMost<double>(configuration, Thresholds + "graylist", Thresholds + "gossip");
        AtMost<double>(configuration, Thresholds + "graylist", Thresholds + "publish");
        Together(configuration, AgentSettings.GrpcTlsCert, AgentSettings.GrpcTlsKey);
        Together(configuration, AgentSettings.GrpcTlsKey, AgentSettings.GrpcTlsCert);
        Together(configuration, AgentSettings.GrpcTlsCa, AgentSettings.GrpcTlsCert);
        OneIdentity(configuration);
        NamedTopics(configuration);
        JoinedTopics(configuration);
    }

    private static void AtMost<T>(AgentConfiguration configuration, Setting<T> low, Setting<T> high)
        where T : notnull, IComparable<T> => AtMost<T>(configuration, low.Key, high.Key);

    private static void AtMost<T>(AgentConfiguration configuration, string low, string high)
        where T : notnull, IComparable<T>
    {
        if (configuration.FindSet(low) is { } lower && configuration.FindSet(high) is { } upper
            && ((T)lower.Value!).CompareTo((T)upper.Value!) > 0)
        {
            throw new ConfigurationException(
                $"{lower.Label}: must be at most {upper.Key}, which is {upper.Text}{Elsewhere(upper)}");
        }
    }

    /// <summary>D_out &lt; D_lo and D_out ≤ D / 2 (gossipsub v1.1, "Overlay parameters").</summary>
    private static void Outbound(AgentConfiguration configuration)
    {
        if (configuration.FindSet(AgentSettings.MeshDegreeOutbound) is not { } outbound)
        {
            return;
        }

        SettingValue low = configuration.Find(AgentSettings.MeshDegreeLow);
        SettingValue degree = configuration.Find(AgentSettings.MeshDegree);
        if ((int)outbound.Value! >= (int)low.Value!)
        {
            throw new ConfigurationException(
                $"{outbound.Label}: must be below {low.Key}, which is {low.Text}{Elsewhere(low)}");
        }

        if ((int)outbound.Value! > (int)degree.Value! / 2)
        {
            throw new ConfigurationException(
                $"{outbound.Label}: must be at most half of {degree.Key}, which is {degree.Text}{Elsewhere(degree)}");
        }
    }

    private static void Together(AgentConfiguration configuration, Setting<string> set, Setting<string> needed)
    {
        if (configuration.FindSet(set) is { } value && configuration.FindSet(needed) is null)
        {
            throw new ConfigurationException(
                $"{value.Label}: needs {needed.Flag} ({needed.Key}) too");
        }
    }

    /// <summary>A flag goes before the file; two in the same place contradict each other.</summary>
    private static void OneIdentity(AgentConfiguration configuration)
    {
        if (configuration.FindSet(AgentSettings.PrivateKey) is { } key
            && configuration.FindSet(AgentSettings.KeyFile) is { } file && file.Origin.Kind == key.Origin.Kind)
        {
            throw new ConfigurationException(
                $"{file.Label}: {key.Key} is set too ({key.Origin}); keep one of them");
        }
    }

    private static void NamedTopics(AgentConfiguration configuration)
    {
        var names = new Dictionary<string, SettingValue>(StringComparer.Ordinal);
        for (int topic = 0; topic < configuration.TopicCount; topic++)
        {
            if (configuration.FindSet(AgentSettings.TopicName, topic) is not { } name)
            {
                throw new ConfigurationException($"pubsub.topics[{topic}].name is missing: each topic needs its name");
            }

            if (!names.TryAdd((string)name.Value!, name))
            {
                throw new ConfigurationException(
                    $"{name.Label}: the topic stands twice, first as {names[(string)name.Value!].Key}");
            }
        }
    }

    private static void JoinedTopics(AgentConfiguration configuration)
    {
        if (configuration.FindSet(AgentSettings.Joined) is not { } joined
            || configuration.FindSet(AgentSettings.FilterPattern) is not { } pattern)
        {
            return;
        }

        var regex = (Regex)pattern.Value!;
        if (configuration.Get(AgentSettings.Joined).FirstOrDefault(topic => !regex.IsMatch(topic)) is { } refused)
        {
            throw new ConfigurationException(
                $"{joined.Label}: {refused} must match {pattern.Key}, which is {pattern.Text}{Elsewhere(pattern)}");
        }
    }

    private static string Elsewhere(SettingValue other) =>
        other.Origin.Kind == OriginKind.Default ? "" : $" ({other.Origin})";
}
