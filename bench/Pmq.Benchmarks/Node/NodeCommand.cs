using System.CommandLine;
using Pmq.Benchmarks.Peer;

namespace Pmq.Benchmarks.Node;

/// <summary><c>node</c>: the process of a node beside its agent.</summary>
internal static class NodeCommand
{
    public static Command Create()
    {
        var command = new Command("node", "A node beside its agent; run by agent.") { Hidden = true };
        command.SetAction((_, _) => Script.RunAsync(new MeasuredNode()));
        return command;
    }
}
