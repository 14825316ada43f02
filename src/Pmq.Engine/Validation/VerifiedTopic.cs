using Pmq.Gossipsub.Messages;

namespace Pmq.Engine.Validation;

/// <summary>What the router keeps of a topic.</summary>
internal sealed class VerifiedTopic(string name, VerificationRules rules)
{
    public string Name { get; } = name;

    public VerificationRules Rules { get; } = rules;

    /// <summary>Messages that verifiers hold.</summary>
    public int InFlight { get; set; }

    /// <summary>Whether a verifier may be asked.</summary>
    public bool HasRoom => InFlight < Rules.MaxInFlight;

    /// <summary>Everything under examination, by id.</summary>
    public Dictionary<MessageId, VerificationRequest> Pending { get; } = [];

    /// <summary>What waits for a verifier.</summary>
    public WaitingRequests Waiting { get; } = new();

    /// <summary>The stateful verifier that it sticks to; null when there is none.</summary>
    public AttachedVerifier? StickyTo { get; set; }

    /// <summary>Left by us: dropped once nothing is pending.</summary>
    public bool IsForgotten { get; set; }
}
