namespace Pmq.Gossipsub.State;

/// <summary>What is taken of an RPC.</summary>
internal enum Admission
{
    /// <summary>Everything.</summary>
    All,

    /// <summary>Subscriptions and control, no messages.</summary>
    ControlOnly,

    /// <summary>Nothing.</summary>
    None,
}
