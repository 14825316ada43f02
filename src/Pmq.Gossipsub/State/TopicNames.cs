using System.Text;

namespace Pmq.Gossipsub.State;

/// <summary>What is a topic's name.</summary>
internal static class TopicNames
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The UTF-8 bytes of <paramref name="topic"/>; false if we may have nothing to do with it.</summary>
    public static bool TryEncode(string topic, GossipsubOptions options, out byte[] name)
    {
        name = [];
        if (string.IsNullOrEmpty(topic) || topic.Length > options.RpcLimits.MaxTopicLength)
        {
            return false;
        }

        try
        {
            name = Strict.GetBytes(topic);
        }
        catch (EncoderFallbackException)
        {
            return false; // A lone surrogate: no text.
        }

        return name.Length <= options.RpcLimits.MaxTopicLength && (options.SubscriptionFilter?.Invoke(topic) ?? true);
    }
}
