using Pmq.Gossipsub.Effects;
using Pmq.Simulation.Links;
using Pmq.Simulation.Measuring;

namespace Pmq.Simulation.Nodes;

// Its meshes, followed by what the router tells, so that measuring them costs nothing.
public partial class HonestNode
{
    private readonly List<MeshCount> _meshes = [];

    /// <summary>Peers in its mesh for a topic that are honest, and those that are not.</summary>
    public (int Honest, int Other) MeshCountOf(string topic)
    {
        foreach (MeshCount mesh in _meshes)
        {
            if (mesh.Topic == topic)
            {
                return (mesh.Honest, mesh.Other);
            }
        }

        return (0, 0);
    }

    /// <summary>As <see cref="MeshCountOf"/>, over all its topics.</summary>
    public (int Honest, int Other) MeshCounts
    {
        get
        {
            int honest = 0;
            int other = 0;
            foreach (MeshCount mesh in _meshes)
            {
                honest += mesh.Honest;
                other += mesh.Other;
            }

            return (honest, other);
        }
    }

    private void ResetMesh() => _meshes.Clear();

    private void CountMesh(in Effect effect, int change)
    {
        Connection connection = ConnectionOf(effect.Peer);
        World.Trace.Add(
            World.NowTicks, Number, change > 0 ? TraceStep.Graft : TraceStep.Prune, connection.Remote.Number);
        connection.PrunedAt = change < 0 ? World.NowTicks : connection.PrunedAt;
        connection.GraftedAt = change > 0 ? World.NowTicks : connection.GraftedAt;
        string topic = effect.Topic;
        int index = _meshes.FindIndex(mesh => mesh.Topic == topic);
        if (index < 0)
        {
            index = _meshes.Count;
            _meshes.Add(new MeshCount(topic, 0, 0));
        }

        MeshCount count = _meshes[index];
        _meshes[index] = connection.Remote.IsHonest
            ? count with { Honest = count.Honest + change }
            : count with { Other = count.Other + change };
    }

    private readonly record struct MeshCount(string Topic, int Honest, int Other);
}
