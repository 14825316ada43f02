using System.Collections.Concurrent;
using Pmq.Core.Identity;
using Pmq.Testing;

namespace Pmq.Libp2p.Tests;

/// <summary>Identities by number: the same number is the same peer in every run.</summary>
internal static class TestPeers
{
    private static readonly ConcurrentDictionary<int, PrivateKey> Keys = [];

    public static PrivateKey Key(int number) => Keys.GetOrAdd(
        number, static n => PrivateKey.Generate(KeyType.Ed25519, new SeededEntropy((ulong)n)));

    public static PeerId Id(int number) => PeerId.FromPublicKey(Key(number).PublicKey);
}
