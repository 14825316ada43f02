namespace Pmq.Engine;

/// <summary>Whether messages wait for a verifier.</summary>
public enum ValidationMode
{
    /// <summary>No verifier, no forwarding and no delivery. The default.</summary>
    Required,

    /// <summary>Every well-formed message is accepted.</summary>
    None,
}
