using Pmq.Core.Hosting;
using Pmq.Core.Identity;

namespace Pmq.Libp2p.Tests.Host;

/// <summary>Keeps what a host told its observers, and lets a test wait for it.</summary>
internal sealed class HostRecorder : IHostObserver
{
    private readonly Lock _gate = new();
    private readonly List<string> _events = [];
    private readonly List<PeerDescription> _descriptions = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Connected, Identified and Disconnected with its kind, in the order of the calls.</summary>
    public IReadOnlyList<string> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    public PeerDescription? LastDescription
    {
        get
        {
            lock (_gate)
            {
                return _descriptions.LastOrDefault();
            }
        }
    }

    public void OnPeerConnected(IConnection connection) => Add("Connected", null);

    public void OnPeerIdentified(PeerId peer, PeerDescription description) => Add("Identified", description);

    public void OnPeerDisconnected(PeerId peer, CloseReason reason) => Add($"Disconnected {reason.Kind}", null);

    /// <summary>Waits until <paramref name="condition"/> holds; it is asked again after every event.</summary>
    public async Task UntilAsync(Func<HostRecorder, bool> condition)
    {
        CancellationToken soon = HostFixture.Soon;
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
            }

            if (condition(this))
            {
                return;
            }

            try
            {
                await changed.WaitAsync(soon);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"What was awaited did not come; told so far: {string.Join(", ", Events)}");
            }
        }
    }

    public Task UntilToldAsync(string text) => UntilAsync(one => one.Events.Contains(text));

    private void Add(string text, PeerDescription? description)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _events.Add(text);
            if (description is not null)
            {
                _descriptions.Add((PeerDescription)description);
            }

            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
