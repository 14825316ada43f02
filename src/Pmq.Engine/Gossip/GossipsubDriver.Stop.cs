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
                    foreach (string topic in _router.Topics.ToArray())
                    {
                        _router.Leave(topic, now, _effects);
                    }

                    CarryOut(now);
                    PeerLink[] links = LinksInOrder();
                    Array.ForEach(links, link => link.Outbound.CompleteAfterDrain());
                    return Array.ConvertAll(links, link => link.Outbound.WhenDrained);
                },
                deadline.Token);
            await Task.WhenAll(loops).WaitAsync(deadline.Token);
        }
        catch (Exception hurried) when (hurried is OperationCanceledException or ObjectDisposedException)
        {
            // A peer that does not read does not hold us up.
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

        await _signatures.DisposeAsync();
        _verifiers.Dispose();
        await _heartbeatTimer.DisposeAsync();
        PeerLink[] links = LinksInOrder();
        foreach (PeerLink link in links)
        {
            link.Reader?.Supersede();
            link.End();
        }

        StopLanes();
        await _stopping.CancelAsync();
        _signal.Set();
        await _loop;
        foreach (PeerLink link in links.Concat(_endedLinks))
        {
            await link.Loop;
            link.Dispose();
        }

        _listeners.Complete();
        _publishSlots.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Lets nothing in any more and releases whoever waits for the router.</summary>
    private void StopLanes()
    {
        InboundReader[] readers;
        DriverCommand[] commands;
        lock (_gate)
        {
            _isStopped = true;
            readers = [.. _controlLane.Concat(_payloadLane).Distinct()];
            commands = [.. _commands];
            _controlLane.Clear();
            _payloadLane.Clear();
            _commands.Clear();
        }

        foreach (InboundReader reader in readers)
        {
            reader.OnHandled();
        }

        foreach (DriverCommand command in commands)
        {
            (command.Subject as PublishRequest)?.TrySetException(new ObjectDisposedException(nameof(PmqPeer)));
        }
    }
}
