using System.Buffers.Binary;
using System.Security.Cryptography;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.State;

/// <summary>The topics that the router knows, found by name or by the name's bytes on the wire.</summary>
internal sealed class TopicTable
{
    private readonly GossipsubOptions _options;
    private readonly MeshParameters _defaultMesh;
    private readonly byte[] _secret = new byte[16];
    private readonly Dictionary<string, TopicState> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<byte[], TopicState> _byBytes = new(TopicNameComparer.Instance);
    private readonly Dictionary<byte[], TopicState>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    public TopicTable(GossipsubOptions options, Chance chance)
    {
        _options = options;
        _defaultMesh = options.DefaultMesh;
        _lookup = _byBytes.GetAlternateLookup<ReadOnlySpan<byte>>();
        BinaryPrimitives.WriteUInt64LittleEndian(_secret, chance.NextUInt64());
        BinaryPrimitives.WriteUInt64LittleEndian(_secret.AsSpan(8), chance.NextUInt64());
    }

    public int Count => _byName.Count;

    public Dictionary<string, TopicState>.ValueCollection All => _byName.Values;

    public TopicState? Find(string name) => _byName.GetValueOrDefault(name);

    public TopicState? Find(ReadOnlySpan<byte> name) => _lookup.TryGetValue(name, out TopicState? topic) ? topic : null;

    public TopicState GetOrAdd(string name, byte[] bytes)
    {
        if (!_byName.TryGetValue(name, out TopicState? topic))
        {
            TopicRules rules = _options.RulesOf(name);
            topic = new TopicState(name, bytes, TagOf(bytes), rules, rules.Mesh ?? _defaultMesh);
            _byName.Add(name, topic);
            _byBytes.Add(bytes, topic);
        }

        return topic;
    }

    /// <summary>The topics in which some peer is in backoff.</summary>
    public IReadOnlyList<TopicState> WithBackoffs()
    {
        List<TopicState> topics = [];
        foreach (TopicState topic in _byName.Values)
        {
            if (topic.Backoffs.Count > 0)
            {
                topics.Add(topic);
            }
        }

        return topics;
    }

    /// <summary>Forgets the topic if nothing keeps it.</summary>
    public void Release(TopicState topic)
    {
        if (topic.IsIdle)
        {
            _byName.Remove(topic.Name);
            _byBytes.Remove(topic.NameBytes);
        }
    }

    // A secret stands before the name: without it nobody can look for two topics with one tag.
    private ulong TagOf(byte[] name)
    {
        byte[] input = [.. _secret, .. name];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }
}
