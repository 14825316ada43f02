namespace Pmq.Gossipsub;

/// <summary>
/// Whether messages of a topic carry gossipsub's own signature (pubsub specification, "Message Signing").
/// </summary>
public enum SignaturePolicy
{
    /// <summary>
    /// StrictNoSign: no <c>from</c>, <c>seqno</c>, <c>signature</c> or <c>key</c>; a message with any is invalid. The
    /// default.
    /// </summary>
    StrictNoSign,

    /// <summary>StrictSign: signed by the author; a message without a good signature is invalid.</summary>
    StrictSign,
}
