using Pmq.Gossipsub.Messages;

namespace Pmq.Engine.Gossip;

/// <summary>A publication that waits for the router's owner. Its continuation runs on the thread pool.</summary>
internal sealed class PublishRequest(GossipMessage message)
    : TaskCompletionSource<PublishOutcome>(TaskCreationOptions.RunContinuationsAsynchronously), IWaitingCaller
{
    public GossipMessage Message { get; } = message;

    public void Fail(Exception reason) => TrySetException(reason);
}
