using BenchmarkDotNet.Attributes;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;

namespace Pmq.Benchmarks.Micro;

/// <summary>What a publication costs before it is queued: its id, its encoding, and its signature where the topic wants one.</summary>
[MemoryDiagnoser]
public class MessageBenchmarks : IDisposable
{
    private readonly PrivateKey _key = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
    private MessageComposer? _composer;
    private byte[] _data = [];
    private ulong _sequence;

    [Params(64, 1024, 64 * 1024)]
    public int Bytes { get; set; }

    [Params(SignaturePolicy.StrictNoSign, SignaturePolicy.StrictSign)]
    public SignaturePolicy Policy { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _data = new byte[Bytes];
        _composer = new MessageComposer(new GossipsubOptions { DefaultRules = new TopicRules(Policy, default) }, _key);
    }

    [Benchmark]
    public GossipMessage? Compose()
    {
        _composer!.TryCompose("bench", _data, _sequence++, out GossipMessage? message);
        return message;
    }

    public void Dispose()
    {
        _key.Dispose();
        GC.SuppressFinalize(this);
    }
}
