namespace Pmq.Gossipsub.State;

/// <summary>From where an address can be reached; the wider, the greater.</summary>
internal enum AddressReach : byte
{
    /// <summary>From the same machine, or from nowhere.</summary>
    Host,

    /// <summary>From the same private network.</summary>
    Site,

    /// <summary>From everywhere.</summary>
    Internet,
}
