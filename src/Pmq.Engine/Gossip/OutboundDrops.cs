using System.Runtime.CompilerServices;
using Pmq.Gossipsub.Effects;

namespace Pmq.Engine.Gossip;

/// <summary>Messages that a peer does not get, by class and reason.</summary>
internal struct OutboundDrops
{
    /// <summary>Reasons, the values of <see cref="OutboundDrop"/>.</summary>
    public const int Reasons = (int)OutboundDrop.PeerGone + 1;

    /// <summary>Classes, the values of <see cref="SendClass"/>.</summary>
    public const int Classes = (int)SendClass.IwantAnswer + 1;

    private Counts _counts;

    /// <summary>All of them.</summary>
    public int Total { get; private set; }

    public readonly int this[SendClass sendClass, OutboundDrop reason] =>
        _counts[((int)sendClass * Reasons) + (int)reason];

    public void Add(SendClass sendClass, OutboundDrop reason)
    {
        _counts[((int)sendClass * Reasons) + (int)reason]++;
        Total++;
    }

    [InlineArray(Classes * Reasons)]
    private struct Counts
    {
        private int _first;
    }
}
