using BenchmarkDotNet.Attributes;
using Pmq.Libp2p.Noise;

namespace Pmq.Benchmarks.Micro;

/// <summary>What a Noise frame costs: the floor under every stream.</summary>
[MemoryDiagnoser]
public class NoiseBenchmarks : IDisposable
{
    private readonly NoiseCipher _cipher = new(new byte[32]);
    private byte[] _message = [];

    /// <summary>The plaintext of one frame; 65,280 is the longest that is sent.</summary>
    [Params(64, 1024, 16 * 1024, 65_280)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void SetUp() => _message = new byte[Bytes + NoiseCipher.TagLength];

    [Benchmark]
    public bool Encrypt() => _cipher.TryEncrypt(_message, Bytes);

    public void Dispose()
    {
        _cipher.Dispose();
        GC.SuppressFinalize(this);
    }
}
