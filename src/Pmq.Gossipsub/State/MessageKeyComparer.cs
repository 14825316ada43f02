using System.Runtime.InteropServices;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Messages;

namespace Pmq.Gossipsub.State;

/// <summary>
/// Hashes ids under secret keys. A peer chooses the ids that it advertises and grinds those that it sends; without the
/// keys it cannot make them collide in our tables (pairwise multiplication, as in the NH hash).
/// </summary>
internal sealed class MessageKeyComparer : IEqualityComparer<MessageKey>, IEqualityComparer<MessageId>
{
    private readonly ulong _key0, _key1, _key2, _key3, _key4;

    public MessageKeyComparer(Chance chance)
    {
        _key0 = chance.NextUInt64();
        _key1 = chance.NextUInt64();
        _key2 = chance.NextUInt64();
        _key3 = chance.NextUInt64();
        _key4 = chance.NextUInt64() | 1;
    }

    public bool Equals(MessageKey x, MessageKey y) => x.Topic == y.Topic && x.Id.Equals(y.Id);

    public bool Equals(MessageId x, MessageId y) => x.Equals(y);

    public int GetHashCode(MessageKey obj) => Fold(Hash(obj));

    public int GetHashCode(MessageId obj) => Fold(Hash(obj));

    /// <summary>All 64 bits, for a table that keeps the hash instead of the key.</summary>
    public ulong Hash(in MessageKey key) => Hash(key.Id) + (key.Topic * _key4);

    private ulong Hash(in MessageId id)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(id.Padded);
        return Multiply(words[0] + _key0, words[1] + _key1) + Multiply(words[2] + _key2, words[3] + _key3);
    }

    private static ulong Multiply(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }

    private static int Fold(ulong hash) => (int)(hash >> 32);
}
