using Pmq.Core.Runtime;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Scoring;
using Pmq.Simulation.Links;
using Pmq.Simulation.Messages;
using Pmq.Simulation.Nodes;

namespace Pmq.Simulation.Tests;

/// <summary>
/// Honest nodes in bad weather: by the seed, links lose packets, break, clog and partition, machines crash and come
/// back, nodes leave topics and join them, speak old protocols, read slowly, have slow verifiers. Whatever happens no
/// rule is broken; then all is healed, and what is published after that reaches everybody.
/// </summary>
internal sealed class Storm
{
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Healed = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Settled = Healed + TimeSpan.FromSeconds(75);
    private static readonly TimeSpan Last = Settled + TimeSpan.FromSeconds(15);
    private static readonly TimeSpan End = Last + TimeSpan.FromSeconds(15);

    private readonly List<HonestNode> _nodes = [];
    private readonly Chance _chance;

    public Storm(ulong seed)
    {
        _chance = new SeededChance(seed).Fork("storm");
        World = new World(new WorldOptions
        {
            Seed = seed,
            Links = new LinkOptions
            {
                Jitter = 0.1 + (_chance.NextDouble() * 0.5),
                Reorder = _chance.NextInt32(4) == 0,
                PacketLoss = _chance.NextInt32(2) * 0.02,
                BreaksPerHour = _chance.NextInt32(2) * 20,
                RelayQueueBytes = 64 * 1024,
                UplinkBytesPerSecond = _chance.NextInt32(2) * 1_000_000,
            },
            Gossipsub = new GossipsubOptions { Scoring = PeerScoreOptions.Default },
        });
    }

    public World World { get; }

    public World Run(int nodes = 24)
    {
        for (int i = 0; i < nodes; i++)
        {
            _nodes.Add(World.Add(NewNode()));
        }

        Graph.Dial(nodes, 6, _chance).Apply(_nodes);
        foreach (HonestNode node in _nodes)
        {
            World.At(_chance.NextTimeSpan(TimeSpan.Zero, TimeSpan.FromSeconds(2)), () => World.Start(node));
        }

        new Traffic(_nodes, "sim", 6, 600).Start(World, TimeSpan.FromSeconds(3), Last);
        new Traffic(_nodes, "other", 2, 2000).Start(World, TimeSpan.FromSeconds(3), Last);
        for (int i = 0; i < 40; i++)
        {
            World.At(_chance.NextTimeSpan(Calm, Healed), Misfortune);
        }

        World.At(Healed, Heal);
        World.RunUntil(End);
        World.Checkers.RequireDelivery(Settled, Last);
        World.Checkers.Finish();
        return World;
    }

    private HonestNode NewNode() => new(new NodeOptions
    {
        Topics = ["sim", "other"],
        KeepsRouter = _chance.NextInt32(3) == 0,
        Verifier = new VerifierOptions { MaxDelay = TimeSpan.FromMilliseconds(1 + _chance.NextInt32(100)) },
    })
    {
        Protocol = _chance.NextInt32(4) switch
        {
            0 => PubsubProtocol.Meshsub10,
            1 => PubsubProtocol.Meshsub11,
            _ => PubsubProtocol.Meshsub12,
        },
    };

    private void Misfortune()
    {
        HonestNode node = _nodes[_chance.NextInt32(_nodes.Count)];
        TimeSpan after = World.Now + _chance.NextTimeSpan(TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(20));
        TimeSpan until = after < Healed ? after : Healed;
        switch (_chance.NextInt32(8))
        {
            case 0:
                World.Crash(node, machine: _chance.NextInt32(2) == 0);
                World.At(until, () => World.Start(node));
                break;
            case 1:
                int sides = 2 + _chance.NextInt32(2);
                World.Partition(actor => actor.Number % sides);
                World.At(until, World.Heal);
                break;
            case 2 when node.Connections.Count > 0:
                Connection clogged = node.Connections[_chance.NextInt32(node.Connections.Count)];
                World.Clog(clogged);
                World.At(until, () => World.Unclog(clogged));
                break;
            case 3 when node.Connections.Count > 0:
                World.Break(node.Connections[_chance.NextInt32(node.Connections.Count)]);
                break;
            case 4:
                node.ReadBytesPerSecond = 20_000;
                World.At(until, () => node.ReadBytesPerSecond = null);
                break;
            case 5 when node.IsUp && node.JoinedTopics.Contains("other"):
                node.Leave("other");
                World.At(until, () => JoinAgain(node));
                break;
            case 6 when node.Connections.Count > 0:
                node.Disconnect(node.Connections[_chance.NextInt32(node.Connections.Count)]);
                break;
            default:
                Replay(node);
                break;
        }
    }

    /// <summary>An old message comes again, from one that has no reason to send it.</summary>
    private void Replay(HonestNode node)
    {
        if (node.Connections.Count > 0 && World.Messages.Count > 0)
        {
            SimMessage old = World.Messages[_chance.NextInt32(World.Messages.Count)];
            World.Send(node.Connections[_chance.NextInt32(node.Connections.Count)], old.Frame, FrameClass.Relay);
        }
    }

    private static void JoinAgain(HonestNode node)
    {
        if (node.IsUp && !node.JoinedTopics.Contains("other"))
        {
            node.Join("other");
        }
    }

    private void Heal()
    {
        World.Heal();
        foreach (HonestNode node in _nodes)
        {
            World.Start(node);
            node.ReadBytesPerSecond = null;
            JoinAgain(node);
            foreach (Connection connection in node.Connections)
            {
                World.Unclog(connection);
            }
        }
    }
}
