namespace Pmq.Gossipsub.Protection;

/// <summary>An origin of messages: the peers behind one address.</summary>
internal sealed class Source(SourceKey key)
{
    public SourceKey Key { get; } = key;

    /// <summary>Peers that are connected from it.</summary>
    public int Connected { get; set; }

    /// <summary>When it is forgotten, once nobody is connected.</summary>
    public TimeSpan Expires { get; set; }

    /// <summary>Where it stands among those that are gone; null while somebody is connected.</summary>
    public LinkedListNode<Source>? GoneNode { get; set; }

    /// <summary>What it did, by the tag of each topic on which it did something.</summary>
    public Dictionary<ulong, SourceStats> Stats { get; } = [];
}
