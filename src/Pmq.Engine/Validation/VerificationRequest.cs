using Pmq.Gossipsub.Messages;

namespace Pmq.Engine.Validation;

/// <summary>Where a message stands on its way to a verdict.</summary>
internal enum VerificationStage
{
    /// <summary>Not admitted.</summary>
    New,

    /// <summary>It waits for a verifier with room.</summary>
    Waiting,

    /// <summary>One verifier holds it.</summary>
    Asked,

    /// <summary>It has its outcome.</summary>
    Done,
}

/// <summary>A message under examination. Owned by <see cref="VerifierRouter"/> from admission to its outcome.</summary>
internal sealed class VerificationRequest
{
    /// <summary>A request that is not admitted yet.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="id">The message id.</param>
    /// <param name="message">The driver's message.</param>
    /// <param name="origin">Who handed it over, by reference; null for ourselves.</param>
    /// <param name="turns">What it costs, see <see cref="Runtime.Turns.Of"/>.</param>
    public VerificationRequest(string topic, in MessageId id, object message, object? origin = null, int turns = 1)
    {
        Topic = topic;
        Id = id;
        Message = message;
        Origin = origin;
        Turns = turns;
        WaitingNode = new LinkedListNode<VerificationRequest>(this);
        DeadlineNode = new LinkedListNode<VerificationRequest>(this);
    }

    public string Topic { get; }

    public MessageId Id { get; }

    /// <summary>The driver's message; the router does not look into it.</summary>
    public object Message { get; }

    /// <summary>Who handed it over, by reference; null for ourselves.</summary>
    public object? Origin { get; }

    /// <summary>The turns that it takes while it waits among others.</summary>
    public int Turns { get; }

    public VerificationStage Stage { get; internal set; }

    /// <summary>When it ends without a verdict.</summary>
    public TimeSpan Deadline { get; internal set; }

    /// <summary>When it was admitted.</summary>
    public TimeSpan AdmittedAt { get; internal set; }

    /// <summary>Rises with admission: the order in which a topic's verifier sees the messages of one origin.</summary>
    internal long Sequence { get; set; }

    /// <summary>Who holds it, while <see cref="Stage"/> is <see cref="VerificationStage.Asked"/>.</summary>
    internal AttachedVerifier? AskedOf { get; set; }

    internal LinkedListNode<VerificationRequest> WaitingNode { get; }

    internal LinkedListNode<VerificationRequest> DeadlineNode { get; }
}
