namespace Pmq.Gossipsub.Messages;

/// <summary>How a topic differs from others.</summary>
/// <param name="SignaturePolicy">
/// Whether its messages are signed by their authors. Every router of the topic must agree.
/// </param>
/// <param name="MessageId">How the id follows from the data. Every router of the topic must agree.</param>
/// <param name="MaxPending">
/// Messages of it that wait for signature check or verdict. At least 1; null is
/// <see cref="GossipsubOptions.MaxPendingPerTopic"/>.
/// </param>
/// <param name="Mesh">The sizes of its mesh; null is <see cref="GossipsubOptions.DefaultMesh"/>.</param>
/// <param name="MaxMessageSize">
/// The largest message in bytes, as an RPC of its own. 128 to <see cref="GossipsubOptions.MaxMessageSize"/>, which is
/// what null means. Every router of the topic should agree: a larger one is dropped here, and goes no further
/// by us; nobody is blamed for it.
/// </param>
public sealed record TopicRules(
    SignaturePolicy SignaturePolicy,
    MessageIdOptions MessageId,
    int? MaxPending = null,
    MeshParameters? Mesh = null,
    int? MaxMessageSize = null);
