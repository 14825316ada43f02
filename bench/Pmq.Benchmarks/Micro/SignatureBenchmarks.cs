using BenchmarkDotNet.Attributes;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;

namespace Pmq.Benchmarks.Micro;

/// <summary>What a signature costs by the type of the key.</summary>
[MemoryDiagnoser]
public class SignatureBenchmarks : IDisposable
{
    private readonly byte[] _message = new byte[128];
    private readonly byte[] _signature = new byte[128];
    private PrivateKey _key = null!;
    private byte[] _signed = [];

    [Params(KeyType.Ed25519, KeyType.Secp256k1, KeyType.Ecdsa)]
    public KeyType Type { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _key = PrivateKey.Generate(Type, SystemEntropy.Instance);
        _signed = _key.Sign(_message);
    }

    [Benchmark]
    public int Sign() => _key.Sign(_message, _signature);

    [Benchmark]
    public SignatureVerdict Verify() => _key.PublicKey.Verify(_message, _signed);

    public void Dispose()
    {
        _key?.Dispose();
        GC.SuppressFinalize(this);
    }
}
