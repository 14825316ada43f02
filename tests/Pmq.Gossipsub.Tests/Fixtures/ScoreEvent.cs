using Pmq.Core.Runtime;

namespace Pmq.Gossipsub.Tests.Fixtures;

/// <summary>Something that happens to one of four peers on one of two topics.</summary>
internal readonly record struct ScoreEvent(int Kind, int Peer, int Topic, int Number)
{
    public static ScoreEvent Draw(Chance chance) =>
        new(chance.NextInt32(12), chance.NextInt32(4), chance.NextInt32(2), chance.NextInt32(1000));
}
