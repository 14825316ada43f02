using System.Net;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub;
using Pmq.Simulation.Links;

namespace Pmq.Simulation;

/// <summary>
/// A participant of a simulated network: an honest node, or an attacker that speaks raw RPCs. It is driven by the
/// world's single thread and reads no clock but the world's.
/// </summary>
public abstract class Actor
{
    private readonly List<Connection> _connections = [];
    private readonly Dictionary<Actor, Connection> _byPeer = [];

    private long? _readBytesPerSecond;

    // Those that it was connected to.
    private HashSet<Actor>? _lost;

    /// <summary>The world that it was added to.</summary>
    public World World { get; private set; } = null!;

    /// <summary>Its place in <see cref="World.Actors"/>.</summary>
    public int Number { get; private set; } = -1;

    /// <summary>Its peer id, of the form of an inlined Ed25519 key that nobody has.</summary>
    public PeerId Id { get; internal set; } = null!;

    /// <summary>The address that others see; its own unless set before it is added.</summary>
    public IPAddress? Address { get; set; }

    /// <summary>What it speaks. Default meshsub 1.2; a connection takes the less of both.</summary>
    public PubsubProtocol Protocol { get; init; } = PubsubProtocol.Meshsub12;

    /// <summary>Whether measurements and checks hold it to be honest.</summary>
    public virtual bool IsHonest => false;

    /// <summary>Bytes a second that it reads from each peer; 0 reads nothing, null (default) all at once.</summary>
    public long? ReadBytesPerSecond
    {
        get => _readBytesPerSecond;
        set
        {
            _readBytesPerSecond = value;
            foreach (Connection connection in _connections)
            {
                connection.Reverse.ReaderBytesPerSecond = value;
            }
        }
    }

    /// <summary>
    /// Bytes a second that it sends in all; null takes <see cref="LinkOptions.UplinkBytesPerSecond"/>.
    /// </summary>
    public long? UplinkBytesPerSecond { get; set; }

    /// <summary>Whether it runs.</summary>
    public bool IsUp { get; internal set; }

    /// <summary>How often it was started.</summary>
    public int Life { get; internal set; }

    /// <summary>Its open connections, in the order in which they came up, but for removals.</summary>
    public IReadOnlyList<Connection> Connections => _connections;

    /// <summary>Chance of its own, so that one actor's draws do not shift another's.</summary>
    protected internal Chance Chance { get; private set; } = null!;

    /// <summary>The time.</summary>
    protected TimeSpan Now => World.Now;

    internal long UplinkFreeAt { get; set; }

    internal int Side { get; set; }

    /// <summary>The open connection to an actor; null if there is none.</summary>
    public Connection? ConnectionTo(Actor other) => _byPeer.GetValueOrDefault(other);

    /// <summary>It begins, or begins again after a crash. It has no connections.</summary>
    protected internal virtual void OnStart()
    {
    }

    /// <summary>It crashes or is stopped; its connections are gone without <see cref="OnDisconnected"/>.</summary>
    protected internal virtual void OnStop()
    {
    }

    /// <summary>Whether it takes a connection that another has dialed. Default yes.</summary>
    protected internal virtual bool Accepts(Actor dialer) => true;

    /// <summary>A connection is open.</summary>
    protected internal virtual void OnConnected(Connection connection)
    {
    }

    /// <summary>A connection was closed by the other side, or broke. Not called for what it closed itself.</summary>
    protected internal virtual void OnDisconnected(Connection connection)
    {
    }

    /// <summary>A dial of ours led nowhere: the other is down, behind a partition, or refused.</summary>
    protected internal virtual void OnDialFailed(Actor other)
    {
    }

    /// <summary>An RPC has come.</summary>
    /// <param name="from">Our end of the connection; the sender is its <see cref="Connection.Remote"/>.</param>
    /// <param name="frame">May be kept and sent on.</param>
    /// <param name="frameClass">How the sender classed it.</param>
    protected internal virtual void OnFrame(Connection from, Frame frame, FrameClass frameClass)
    {
    }

    /// <summary>Its queue for a peer had to drop a frame, full or stale.</summary>
    protected internal virtual void OnQueueDrop(Connection connection)
    {
    }

    /// <summary>A timer of <see cref="SetTimer"/> is due. Timers of an earlier life never come.</summary>
    protected internal virtual void OnTimer(int timer, object? state)
    {
    }

    /// <summary>Asks for <see cref="OnTimer"/> after a while.</summary>
    protected void SetTimer(TimeSpan delay, int timer, object? state = null) =>
        World.SetTimer(this, delay, timer, state);

    /// <summary>Sends a raw RPC. Nothing is checked: an attacker may send any bytes.</summary>
    protected SendOutcome Send(Connection to, Frame frame, FrameClass frameClass) => World.Send(to, frame, frameClass);

    /// <summary>Dials another actor; <see cref="OnConnected"/> or <see cref="OnDialFailed"/> follows.</summary>
    protected void Dial(Actor other) => World.Dial(this, other);

    /// <summary>
    /// Closes a connection: what is under way to the other side still arrives, what comes back does not.
    /// </summary>
    protected void Close(Connection connection) => World.Close(connection);

    internal void Attach(World world, int number, PeerId id, IPAddress address, Chance chance)
    {
        World = world;
        Number = number;
        Id = id;
        Address ??= address;
        Chance = chance;
    }

    internal void Add(Connection connection)
    {
        _byPeer.Add(connection.Remote, connection);
        connection.ReaderBytesPerSecond = connection.Remote._readBytesPerSecond;
        connection.IsRenewed = _lost?.Contains(connection.Remote) == true;
        _connections.Add(connection);
    }

    internal void Remove(Connection connection)
    {
        if (_byPeer.TryGetValue(connection.Remote, out Connection? known) && known == connection)
        {
            _byPeer.Remove(connection.Remote);
            (_lost ??= []).Add(connection.Remote);
            _connections.Remove(connection);
        }
    }
}
