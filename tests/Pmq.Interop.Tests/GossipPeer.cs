using System.Text;
using System.Text.Json;
using Pmq.Core.Addresses;
using Pmq.Core.Identity;
using Pmq.Engine;
using Pmq.Gossipsub;
using Pmq.Testing;
using Pmq.Testing.Peers;

namespace Pmq.Interop.Tests;

/// <summary>A gossiping peer of ours, and what tests do with it and with js peers.</summary>
internal sealed class GossipPeer : IAsyncDisposable
{
    public const string Topic = "interop";
    private const int HeartbeatMilliseconds = 200;

    /// <summary>Between two heartbeats, of ours and of js.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMilliseconds(HeartbeatMilliseconds);

    private readonly CancellationTokenSource _stopping = new();
    private readonly MessageListener _listener;
    private readonly IAsyncEnumerator<ReceivedMessage> _messages;

    private GossipPeer(PmqPeer peer, CapturedLogs logs)
    {
        Peer = peer;
        Logs = logs;
        _listener = peer.Listen(new ListenOptions { QueueSize = 100_000 });
        _messages = _listener.ReadAllAsync(_stopping.Token).GetAsyncEnumerator();
    }

    public PmqPeer Peer { get; }

    public CapturedLogs Logs { get; }

    public string Id => Peer.LocalPeer.ToString();

    public string Address => Peer.ListenAddresses[0].ToString();

    /// <summary>Starts a peer that has joined <see cref="Topic"/> and verifies nothing unless told so.</summary>
    public static async Task<GossipPeer> StartAsync(Func<PmqPeerOptions, PmqPeerOptions>? change = null)
    {
        var logs = new CapturedLogs();
        var options = new PmqPeerOptions
        {
            Topics = [Topic],
            Validation = ValidationMode.None,
            Gossipsub = new GossipsubOptions { HeartbeatInterval = HeartbeatInterval },
            LoggerFactory = logs,
        };
        return new GossipPeer(await PmqPeer.StartAsync(change is null ? options : change(options), Pair.Deadline), logs);
    }

    /// <summary>Starts a js peer that gossips.</summary>
    public static Task<JsPeer> StartJsAsync(SignaturePolicy policy = SignaturePolicy.StrictNoSign, object? gossip = null)
    {
        var settings = JsonSerializer.SerializeToNode(gossip ?? new object())!.AsObject();
        settings["policy"] = policy.ToString();
        settings["heartbeatInterval"] = HeartbeatMilliseconds;
        return JsPeer.StartAsync(new { gossip = settings });
    }

    /// <summary>Connects to a js peer, subscribes it, and waits until each is in the other's mesh.</summary>
    public async Task MeshAsync(JsPeer js, Dialer dialer)
    {
        await ConnectAsync(js, dialer);
        await js.CallAsync("subscribe", new { topic = Topic });
        await js.CallAsync("awaitMesh", new { topic = Topic, peers = 1 });
        await UntilAsync(js, p => p.MeshTopics.Contains(Topic));
    }

    public async Task ConnectAsync(JsPeer js, Dialer dialer)
    {
        if (dialer == Dialer.Ours)
        {
            await Peer.Host.ConnectAsync(Multiaddr.Parse(js.Address), Pair.Deadline);
        }
        else
        {
            await js.CallAsync("dial", new { address = Address });
        }
    }

    /// <summary>Asks, once a heartbeat of the js peer, until what we know of it satisfies <paramref name="condition"/>.</summary>
    public async Task<PeerSnapshot> UntilAsync(JsPeer js, Func<PeerSnapshot, bool> condition)
    {
        var deadline = Pair.Deadline;
        while (true)
        {
            var found = (await Peer.GetPeersAsync(deadline)).FirstOrDefault(p => p.Peer.ToString() == js.PeerId);
            if (found is not null && condition(found))
            {
                return found;
            }

            deadline.ThrowIfCancellationRequested();
            await js.CallAsync("heartbeat");
        }
    }

    public ValueTask<PublishOutcome> PublishAsync(byte[] data, string topic = Topic) =>
        Peer.PublishAsync(topic, data, Pair.Deadline);

    public ValueTask<PublishOutcome> PublishAsync(string text, string topic = Topic) =>
        PublishAsync(Encoding.UTF8.GetBytes(text), topic);

    /// <summary>The next message that came from a peer.</summary>
    /// <exception cref="TimeoutException">None came within a minute; the message has the log.</exception>
    public async Task<ReceivedMessage> NextAsync()
    {
        try
        {
            do
            {
                Assert.True(await _messages.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60)), "the listener ended");
            }
            while (_messages.Current.ReceivedFrom.Equals(Peer.LocalPeer));

            return _messages.Current;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"No message was delivered.\n{Logs.Lines.Tail()}");
        }
    }

    /// <summary>Takes messages until this one.</summary>
    public async Task UntilTextAsync(string text)
    {
        while (Encoding.UTF8.GetString((await NextAsync()).Data.Span) != text)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _listener.DisposeAsync();
        await Peer.DisposeAsync();
        _stopping.Dispose();
    }
}
