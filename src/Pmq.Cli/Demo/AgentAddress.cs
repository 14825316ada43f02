using System.Text.Json;

namespace Pmq.Cli.Demo;

/// <summary>Where an agent can be reached.</summary>
/// <param name="PeerId">Who it is.</param>
/// <param name="Multiaddr">Where peers dial it.</param>
/// <param name="Grpc">Where its node calls it.</param>
internal sealed record AgentAddress(string PeerId, string Multiaddr, string Grpc)
{
    /// <summary>Reads the ready line of an agent.</summary>
    public static AgentAddress Parse(string readyLine)
    {
        using JsonDocument ready = JsonDocument.Parse(readyLine);
        JsonElement root = ready.RootElement;
        return new AgentAddress(
            root.GetProperty("peerId").GetString()!,
            root.GetProperty("listen")[0].GetString()!,
            root.GetProperty("grpc").GetString()!);
    }
}
