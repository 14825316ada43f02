namespace Pmq.Gossipsub.Effects;

/// <summary>Why a message is sent: what a full queue drops first is the driver's to choose.</summary>
public enum SendClass
{
    /// <summary>Our own publication.</summary>
    Publish,

    /// <summary>An accepted message that is passed on.</summary>
    Relay,

    /// <summary>An answer to the peer's IWANT.</summary>
    IwantAnswer,
}
