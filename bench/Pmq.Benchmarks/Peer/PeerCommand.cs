using System.CommandLine;

namespace Pmq.Benchmarks.Peer;

/// <summary>
/// <c>peer</c>: the process that is measured beside js; the ops are those of <c>tests/js-peers/bench-peer.mjs</c>.
/// </summary>
internal static class PeerCommand
{
    public static Command Create()
    {
        var command = new Command("peer", "The process that is measured; run by compare.") { Hidden = true };
        command.SetAction((_, _) => Script.RunAsync(new MeasuredPeer()));
        return command;
    }
}
