using Pmq.Core.Runtime;
using Pmq.Gossipsub;

namespace Pmq.Engine.Gossip;

/// <summary>The end, in order: goodbye to the peers, the links, the lanes, the loops.</summary>
internal sealed partial class GossipsubDriver
{
    /// <summary>How long peers may take to read our goodbye.</summary>
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Leaves every topic, so that the peers fill our place at once, and waits a little until that is written.
    /// </summary>
    public async ValueTask SayGoodbyeAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(GoodbyeTime, _time);
            Task[] loops = await CallAsync(
                now =>
                {
                    _router.SayGoodbye(now, _effects);
                    CarryOut(now);
                    PeerLink[] links = LinksInOrder();
                    Array.ForEach(links, link => link.Outbound.CompleteAfterDrain());
                    return Array.ConvertAll(links, link => link.Outbound.WhenDrained);
                },
                deadline.Token);
            await Task.WhenAll(loops).WaitAsync(deadline.Token);
        }
        catch (Exception hurried)
            when (hurried is OperationCanceledException or ObjectDisposedException || _failure is not null)
        {
            // A peer that does not read does not hold us up, and a router that is broken says nothing.
        }
    }

    /// <summary>Ends all loops and waits for them. The host may still run.</summary>
    public async ValueTask DisposeAsync()
    {
        _observation?.Dispose();
        foreach (string protocol in PubsubProtocols.Ids)
        {
            _host.StopHandling(protocol);
        }

        await _connector.DisposeAsync();
        await _signatures.DisposeAsync();
        _verifiers.Dispose();
        await _heartbeatTimer.DisposeAsync();
        PeerLink[] links = LinksInOrder();
        foreach (PeerLink link in links)
        {
            link.Reader?.Supersede();
            link.End();
        }

        lock (_gate)
        {
            _isStopped = true;
        }

        await _stopping.CancelAsync();
        _signal.Set();
        await _loop;
        await EndRouterAsync();
        foreach (PeerLink link in links.Concat(_endedLinks))
        {
            await link.Loop;
            link.Dispose();
        }

        _listeners.Complete();
        _stopping.Dispose();
        _completion.TrySetResult();
    }

    /// <summary>Takes the router for good, once whoever has it gives it back.</summary>
    private async Task EndRouterAsync()
    {
        while (_failure is null)
        {
            if (TryOwn())
            {
                EndWaiting();
                return;
            }

            await Task.Yield();
        }
    }

    /// <summary>
    /// Lets nothing in any more and releases whoever waits for the router. Called by its last owner.
    /// </summary>
    private void EndWaiting()
    {
        HashSet<InboundReader> readers;
        DriverCommand[] commands;
        lock (_gate)
        {
            _isStopped = true;
            readers = [.. _controlLane, .. _payloadLane];
            commands = [.. _takenCommands, .. _commands];
            _controlLane.Clear();
            _payloadLane.Clear();
            _commands.Clear();
        }

        if (_inHand is { } inHand)
        {
            readers.Add(inHand);
        }

        foreach (InboundReader reader in readers)
        {
            reader.OnHandled();
        }

        foreach (DriverCommand command in commands)
        {
            (command.Subject as IWaitingCaller)?.Fail(EndReason());
        }

        foreach (PublishRequest request in _ownExaminations.Values)
        {
            request.Fail(EndReason());
        }

        _ownExaminations.Clear();
    }

    private Exception EndReason() => _failure is { } failure
        ? new InvalidOperationException("Gossip has stopped for a fault of ours; the peer must be restarted.", failure)
        : new ObjectDisposedException(nameof(PmqPeer));
}
